import { type Context, Hono } from "hono";
import type { Caller } from "../../core/caller.ts";
import { GatewayError, toGatewayError } from "../../core/errors.ts";
import { encodeOpenAiError } from "../openai/errors.ts";
import { errorHeaders } from "../reply-headers.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { parseBody, parseIfMatch, parseQuery } from "./parse-input.ts";
import type { AdminRouteDefinition } from "./route.ts";
import { adminRoutes } from "./routes/index.ts";

/** Where the admin API stands. */
export const adminBase = "/admin/v1";

interface Environment {
  readonly Bindings: { readonly caller: Caller };
}

/** Nothing of this API may be kept by caches or read as anything but JSON. */
const headers = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

const failure = (error: GatewayError): Response => {
  const { status, body } = encodeOpenAiError(error);
  return new Response(body, { status, headers: { ...headers, ...errorHeaders(error) } });
};

/** `{model}` is last in its path and takes the rest of it: names of models hold slashes. */
const honoPath = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name) => (name === "model" ? ":model{.+}" : `:${name}`));

const longestParameter = 300;
const readParameter = (context: Context, name: string): string => {
  const value = context.req.param(name) ?? "";
  if (value === "" || value.length > longestParameter || /\p{Cc}/u.test(value))
    throw new GatewayError("invalid_value", `Invalid value for '${name}' in the address.`, { param: name });
  return value;
};

const serve =
  (route: AdminRouteDefinition, dependencies: AdminDependencies) =>
  async (context: Context<Environment>): Promise<Response> => {
    const request = context.req.raw;
    const query = parseQuery(request.url, route.query) as never;
    const ifMatch = route.conditional ? parseIfMatch(request.headers) : undefined;
    const whenAbsent = route.bodyOptional ? "empty" : "refuse";
    const body = (
      route.body === undefined ? undefined : await parseBody(request, { schema: route.body, whenAbsent })
    ) as never;
    const param = (name: string): string => readParameter(context, name);
    const { caller } = context.env;
    const { value, revision } = await route.handle(
      { param, query, body, ifMatch, caller, signal: request.signal },
      dependencies,
    );
    const tag = typeof revision === "number" ? { etag: `"${revision}"` } : {};
    if (route.response === undefined)
      return new Response(null, { status: route.status, headers: { "cache-control": "no-store" } });
    return new Response(JSON.stringify(value), { status: route.status, headers: { ...headers, ...tag } });
  };

const refuseMethod = (path: string) => (): never => {
  const allowed = adminRoutes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
  throw new GatewayError("method_not_allowed", `This address takes ${allowed.join(", ")}.`);
};

const noSuchAddress = (): GatewayError =>
  new GatewayError("not_found", `The admin API has no such address. ${adminBase} is described in /openapi.json.`);

const notAnAdministrator = (): GatewayError =>
  new GatewayError(
    "permission_denied",
    "This key may call models but not administer. Use a key with the role 'admin'.",
  );

/** All routes on their Hono app; whoever calls it has checked the caller's role. */
export const createAdminRouter = (dependencies: AdminDependencies): Hono<Environment> => {
  const app = new Hono<Environment>().basePath(adminBase);
  for (const route of adminRoutes) app.on(route.method.toUpperCase(), honoPath(route.path), serve(route, dependencies));
  for (const path of new Set(adminRoutes.map((route) => route.path))) app.all(honoPath(path), refuseMethod(path));
  const fail = (thrown: unknown, { req, env }: Context<Environment>): Response => {
    const error = toGatewayError(thrown);
    dependencies.onFailed({ path: req.path, error, caller: env.caller });
    return failure(error);
  };
  app.notFound((context) => fail(noSuchAddress(), context));
  app.onError(fail);
  return app;
};

export interface AdminApp {
  /** Answers one request to `/admin/v1`. Never throws; never sends a CORS header. `caller` is who was authenticated. */
  fetch(request: Request, caller: Caller): Promise<Response>;
}

/** The admin API. */
export const createAdminApp = (dependencies: AdminDependencies): AdminApp => {
  const router = createAdminRouter(dependencies);
  return {
    async fetch(request, caller) {
      if (caller.role === "admin") return router.fetch(request, { caller });
      const error = notAnAdministrator();
      dependencies.onFailed({ path: new URL(request.url).pathname, error, caller });
      return failure(error);
    },
  };
};

import { type Context, Hono } from "hono";
import type { Caller } from "../../core/caller.ts";
import { GatewayError, toGatewayError } from "../../core/errors.ts";
import type { AuditAct } from "../../core/ports/audit.ts";
import { encodeOpenAiError } from "../openai/errors.ts";
import { demandAdministration, demandPermission, requirementOf } from "../permission-table.ts";
import { errorHeaders } from "../reply-headers.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { parseBody, parseIfMatch, parseQuery } from "./parse-input.ts";
import type { AdminRouteDefinition } from "./route.ts";
import { adminRoutes } from "./routes/index.ts";

/** Where the admin API stands. */
export const adminBase = "/admin/v1";

/** Whence a request came, for the audit log. */
export interface AdminOrigin {
  readonly requestId: string | null;
  /** The peer's address; null where no socket was used. */
  readonly remoteAddress: string | null;
}

interface Environment {
  readonly Bindings: AdminOrigin & { readonly caller: Caller };
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

const requirementOfRoute = ({ method, path }: AdminRouteDefinition) =>
  requirementOf(method.toUpperCase(), adminBase + path);

const answer =
  (route: AdminRouteDefinition, dependencies: AdminDependencies, context: Context<Environment>) =>
  async (act: AuditAct): Promise<Response> => {
    demandPermission(context.env.caller, requirementOfRoute(route));
    const request = context.req.raw;
    const query = parseQuery(request.url, route.query) as never;
    const ifMatch = route.conditional === undefined ? undefined : parseIfMatch(request.headers, route.conditional);
    const whenAbsent = route.bodyOptional ? "empty" : "refuse";
    const body = (
      route.body === undefined ? undefined : await parseBody(request, { schema: route.body, whenAbsent })
    ) as never;
    const param = (name: string): string => readParameter(context, name);
    const { caller } = context.env;
    const { value, revision } = await route.handle(
      { param, query, body, ifMatch, caller, signal: request.signal, act },
      dependencies,
    );
    const tag = typeof revision === "number" ? { etag: `"${revision}"` } : {};
    if (route.response === undefined)
      return new Response(null, { status: route.status, headers: { "cache-control": "no-store" } });
    return new Response(JSON.stringify(value), { status: route.status, headers: { ...headers, ...tag } });
  };

const unwritten: AuditAct = { note: () => undefined };

/** A route that changes something is an act from its first byte on: what is refused has its row as well. */
const serve =
  (route: AdminRouteDefinition, dependencies: AdminDependencies) =>
  async (context: Context<Environment>): Promise<Response> => {
    const work = answer(route, dependencies, context);
    if (route.audit === undefined) return work(unwritten);
    const { caller, requestId, remoteAddress } = context.env;
    const param = (name: string): string | null => {
      try {
        return readParameter(context, name);
      } catch {
        return null;
      }
    };
    const { action, order, object } = route.audit;
    const actor = dependencies.actorOf(caller);
    return dependencies.audit.perform(
      { actor, tenant: caller.tenant, action, order, object: object(param), requestId, remoteAddress },
      work,
    );
  };

const refuseMethod =
  (path: string) =>
  (context: Context<Environment>): never => {
    demandAdministration(context.env.caller);
    const allowed = adminRoutes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    throw new GatewayError("method_not_allowed", `This address takes ${allowed.join(", ")}.`);
  };

const noSuchAddress = (): GatewayError =>
  new GatewayError("not_found", `The admin API has no such address. ${adminBase} is described in /openapi.json.`);

/** All routes on their Hono app. */
export const createAdminRouter = (dependencies: AdminDependencies, routes = adminRoutes): Hono<Environment> => {
  const app = new Hono<Environment>().basePath(adminBase);
  for (const route of routes) app.on(route.method.toUpperCase(), honoPath(route.path), serve(route, dependencies));
  for (const path of new Set(routes.map((route) => route.path))) app.all(honoPath(path), refuseMethod(path));
  const fail = (thrown: unknown, { req, env }: Context<Environment>): Response => {
    const error = toGatewayError(thrown);
    dependencies.onFailed({ path: req.path, error, caller: env.caller, requestId: env.requestId });
    return failure(error);
  };
  app.notFound((context) => {
    demandAdministration(context.env.caller);
    throw noSuchAddress();
  });
  app.onError(fail);
  return app;
};

export interface AdminApp {
  /** Answers one request to `/admin/v1`. Never throws; never sends a CORS header. `caller` is who was authenticated. */
  fetch(request: Request, caller: Caller, origin?: AdminOrigin): Promise<Response>;
}

const unknownOrigin: AdminOrigin = { requestId: null, remoteAddress: null };

/** The admin API. */
export const createAdminApp = (dependencies: AdminDependencies): AdminApp => {
  const router = createAdminRouter(dependencies);
  return {
    fetch: async (request, caller, origin = unknownOrigin) => router.fetch(request, { ...origin, caller }),
  };
};

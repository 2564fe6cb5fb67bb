import type { Caller } from "../core/caller.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import { maskTokens } from "../core/mask-secrets.ts";
import type { OperationName } from "../core/operations.ts";
import type { HandleRequest, ServerReply } from "../core/ports/http-server.ts";
import type { FeedbackDesk } from "../core/ports/learning.ts";
import type { AdminOrigin } from "./admin/create-admin-app.ts";
import { countTokensRoute } from "./anthropic/count-tokens-route.ts";
import { messagesCodec } from "./anthropic/messages.ts";
import type { Codec } from "./codec.ts";
import type { Edge } from "./edge.ts";
import { feedbackRoute } from "./feedback.ts";
import type { Incoming } from "./open-call.ts";
import { chatCodec } from "./openai/chat-completions.ts";
import { completionsCodec } from "./openai/completions.ts";
import { embeddingsCodec } from "./openai/embeddings.ts";
import { encodeOpenAiError } from "./openai/errors.ts";
import { listModels, showModel } from "./openai/models.ts";
import { isOrdinaryPath } from "./ordinary-path.ts";
import { demandPermission, type Requirement, requirementOf } from "./permission-table.ts";
import { fromPlatformResponse, toPlatformRequest } from "./platform-messages.ts";
import { previewRoute } from "./preview-route.ts";
import { idHeaders } from "./reply-headers.ts";
import { type ErrorCodec, refuse, serveCall } from "./serve-call.ts";

/** What the edge serves beside model calls. */
export interface Surroundings {
  /** Everything below `/admin/`. */
  admin(request: Request, caller: Caller, origin: AdminOrigin): Promise<Response>;
  /** Prometheus' text format; undefined where metrics are off. */
  metrics: (() => Promise<string>) | undefined;
  openApi(): Promise<string>;
  readonly feedback: FeedbackDesk;
  /** Why the program cannot serve; undefined where it can. */
  unreadyReason(): string | undefined;
}

type Handler = (incoming: Incoming) => ServerReply | Promise<ServerReply>;
/** Answers those who meet the requirement; undefined, which a route has that is in no table, nobody meets. */
export type GuardedHandler = (
  incoming: Incoming,
  requirement: Requirement | undefined,
) => ServerReply | Promise<ServerReply>;
/** By method. */
export type Route = Readonly<Record<string, GuardedHandler>>;
/** By path. */
export type Routes = ReadonlyMap<string, Route>;

const json = (body: string, id: string): ServerReply => ({
  status: 200,
  headers: { "content-type": "application/json", ...idHeaders(id, undefined) },
  body,
});

const isAnthropic = (path: string): boolean => path === "/v1/messages" || path.startsWith("/v1/messages/");

/** Errors take the envelope of the dialect that the path belongs to. */
const envelopeOf = (path: string): ErrorCodec =>
  isAnthropic(path) ? messagesCodec : { dialect: "openai", encodeError: encodeOpenAiError };

const call =
  <Operation extends OperationName>(codec: Codec<Operation>): GuardedHandler =>
  (incoming, requirement) =>
    serveCall(incoming, codec, requirement);

/** A route that answers whoever comes. */
const open =
  (answer: Handler): GuardedHandler =>
  (incoming, requirement) => {
    if (requirement?.reach === "open") return answer(incoming);
    const error = new GatewayError("permission_denied", "Nobody may use this address.");
    return refuse(incoming, envelopeOf(incoming.path), { error, caller: null });
  };

/** A route that answers a known caller from memory. */
const known =
  (answer: (incoming: Incoming, caller: Caller) => ServerReply | Promise<ServerReply>): GuardedHandler =>
  async (incoming, requirement) => {
    let caller: Caller | null = null;
    try {
      caller = await incoming.edge.authenticate(incoming.request, incoming.connection);
      demandPermission(caller, requirement);
      return await answer(incoming, caller);
    } catch (thrown) {
      return refuse(incoming, envelopeOf(incoming.path), { error: toGatewayError(thrown), caller });
    }
  };

const decodePath = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new GatewayError("not_found", "The path is not correctly percent-encoded.");
  }
};

/** Every route outside of the admin API, by its path; parameters as `{name}`. */
export const routesOf = (surroundings: Surroundings): Routes =>
  new Map<string, Route>([
    ["/v1/chat/completions", { POST: call(chatCodec) }],
    ["/v1/completions", { POST: call(completionsCodec) }],
    ["/v1/embeddings", { POST: call(embeddingsCodec) }],
    ["/v1/messages", { POST: call(messagesCodec) }],
    ["/v1/messages/count_tokens", { POST: known(countTokensRoute) }],
    ["/v1/models", { GET: known(({ edge, id }, caller) => json(listModels(edge.gateway(), caller), id)) }],
    ["/v1/route", { POST: known(previewRoute) }],
    ["/v1/feedback", { POST: known(feedbackRoute(surroundings.feedback)) }],
    ["/healthz", { GET: open(({ id }) => json('{"status":"ok"}', id)) }],
    ["/readyz", { GET: open(({ id }) => readiness(surroundings, id)) }],
    ["/openapi.json", { GET: open(async ({ id }) => json(await surroundings.openApi(), id)) }],
    ["/metrics", metricsRoute(surroundings)],
    [`${modelPrefix}{id}`, modelRoute],
  ]);

const readiness = (surroundings: Surroundings, id: string): ServerReply => {
  const reason = surroundings.unreadyReason();
  if (reason === undefined) return json('{"status":"ready"}', id);
  return {
    status: 503,
    headers: { "content-type": "application/json", ...idHeaders(id, undefined), "retry-after": "1" },
    body: JSON.stringify({ status: "unready", reason }),
  };
};

const metricsRoute = ({ metrics }: Surroundings): Route =>
  metrics === undefined
    ? {}
    : {
        GET: known(async ({ id }) => ({
          status: 200,
          headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", ...idHeaders(id, undefined) },
          body: await metrics(),
        })),
      };

const modelPrefix = "/v1/models/";
const modelRoute: Route = {
  GET: known(({ edge, id, path }, caller) =>
    json(showModel(edge.gateway(), caller, decodePath(path.slice(modelPrefix.length))), id),
  ),
};

/** The admin API looks its own routes up; here only who calls is found out. */
const adminRoute = (surroundings: Surroundings): GuardedHandler =>
  known(async ({ request, connection, id }, caller) => {
    const origin = { requestId: id, remoteAddress: connection.remoteAddress || null };
    const reply = await fromPlatformResponse(await surroundings.admin(toPlatformRequest(request), caller, origin));
    return { ...reply, headers: { ...reply.headers, ...idHeaders(id, undefined) } };
  });

const cutPath = (url: string): string => {
  // Of a request whose Host header is none, the URL is the path alone.
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("//") + 2);
  if (start === -1) return "/";
  const query = url.indexOf("?", start);
  const end = query === -1 ? url.length : query;
  return url.slice(start, end);
};

/** Nearly all requests have the same URL: its path is cut out of it, and hashed to find the route, once. */
let last = { url: "", path: "/" };

const pathOf = (url: string): string => {
  if (url !== last.url) last = { url, path: cutPath(url) };
  return last.path;
};

/** A route's handlers, each with what it needs: that is found once and not with each request. */
const guard = (path: string, route: Route): Readonly<Record<string, Handler>> =>
  Object.fromEntries(
    Object.entries(route).map(([method, handler]) => {
      const requirement = requirementOf(method, path);
      return [method, (incoming: Incoming) => handler(incoming, requirement)];
    }),
  );

/** The program's HTTP surface: paths to handlers, and one form of error for everything else. Never throws. */
export const createApp = (edge: Edge, surroundings: Surroundings, all = routesOf(surroundings)): HandleRequest => {
  const served = [...all].filter(([, route]) => Object.keys(route).length > 0);
  const routes = new Map(served.map(([path, route]) => [path, guard(path, route)]));
  const models = routes.get(`${modelPrefix}{id}`);
  const admin = adminRoute(surroundings);
  const fault = (incoming: Incoming, error: GatewayError): ServerReply =>
    refuse(incoming, envelopeOf(incoming.path), { error, caller: null });
  return (request, connection) => {
    const path = pathOf(request.url);
    const incoming: Incoming = { edge, request, connection, id: edge.newId(), path };
    if (path.startsWith("/admin/") && isOrdinaryPath(path)) return admin(incoming, { reach: "open" });
    const route = routes.get(path) ?? (path.startsWith(modelPrefix) ? models : undefined);
    if (route === undefined)
      return fault(
        incoming,
        new GatewayError(
          "not_found",
          `There is nothing at ${request.method} ${maskTokens(path.slice(0, 200))}. See /openapi.json.`,
        ),
      );
    const handler = route[request.method] ?? (request.method === "HEAD" ? route["GET"] : undefined);
    if (handler !== undefined) return handler(incoming);
    const allowed = Object.keys(route).join(", ");
    const response = fault(
      incoming,
      new GatewayError("method_not_allowed", `${path} takes ${allowed}, not ${request.method}.`),
    );
    response.headers["allow"] = allowed;
    return response;
  };
};

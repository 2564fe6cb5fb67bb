import { z } from "zod";
import type { Call, Wire } from "../core/call.ts";
import { CallScope } from "../core/call-scope.ts";
import type { Caller } from "../core/caller.ts";
import { CancelController } from "../core/cancel.ts";
import type { ChatRequest } from "../core/chat.ts";
import type { Decision, DecisionCandidate } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import type { Journal } from "../core/ports/journal.ts";
import { reachesModel } from "../core/reaches-model.ts";
import type { CompiledRoute } from "../core/route.ts";
import type { RoutingWishes } from "../core/routing-wishes.ts";
import { type Incoming, routeName } from "./open-call.ts";
import { chatCodec } from "./openai/chat-completions.ts";
import { chatSchema } from "./openai/chat-schema.ts";
import { type JsonBody, readJsonBody } from "./read-body.ts";
import { refuseFields } from "./refuse-fields.ts";
import { idHeaders } from "./reply-headers.ts";
import { readWishes } from "./routing-wishes.ts";
import { invalidValue } from "./validate.ts";

const short = {
  query: z.string().min(1).optional().describe("Instead of messages: what a user asks."),
  context: z.string().min(1).optional().describe("Beside `query`: what stands before it."),
};

/** The body of `POST /v1/route`: that of a chat completion, or a question in short. */
export const previewBody = z.looseObject({
  ...chatSchema.shape,
  messages: chatSchema.shape.messages.optional(),
  ...short,
});

const share = z.number().nullable();
const usd = z.number().nullable();

export const previewResponse = z.strictObject({
  object: z.literal("route.decision"),
  route: z.string(),
  strategy: z.string(),
  model: z.string(),
  provider: z.string(),
  target: z.string().describe("Where the call would go first."),
  reason: z.string(),
  confidence: share.describe("0–1; null where the strategy does not learn."),
  action: z.string().nullable().describe("What a policy that learns would do: a target, or those of a cascade."),
  propensity: share,
  binding: z.string().nullable(),
  task_kind: z.string().nullable(),
  complexity: z.enum(["simple", "moderate", "complex"]).nullable(),
  candidates: z.array(
    z.strictObject({
      target: z.string(),
      score: z.number().optional(),
      reason: z.string(),
      excluded: z.literal(true).optional(),
    }),
  ),
  expected: z.array(
    z.strictObject({
      action: z.string(),
      quality: share,
      lower: share,
      upper: share,
      cost_usd: usd,
      latency_milliseconds: z.number().nullable(),
      utility: z.number().nullable(),
    }),
  ),
  notes: z.array(z.string()),
});

/** A question in short as the conversation that it stands for. */
const asConversation = (body: JsonObject): JsonObject => {
  const { query, context, ...rest } = body;
  if (query === undefined && context === undefined) return body;
  if ("messages" in rest) throw invalidValue(["query"], "expected either messages, or a query with its context");
  for (const [name, text] of Object.entries({ query, context }))
    if (text !== undefined && (typeof text !== "string" || text === "")) throw invalidValue([name], "expected a text");
  if (query === undefined) throw invalidValue(["query"], "a context needs a query beside it");
  const opening: readonly JsonObject[] = context === undefined ? [] : [{ role: "system", content: context }];
  return { ...rest, messages: [...opening, { role: "user", content: query }] };
};

const nowhere: Journal = { append: () => undefined, flushed: () => undefined };

interface PreviewParts {
  readonly caller: Caller;
  readonly route: CompiledRoute;
  readonly request: ChatRequest;
  readonly wire: Wire;
  readonly wishes: RoutingWishes | undefined;
}

/** A call that leaves no trace: nothing of it is journalled, counted or told. */
const untracedCall = (
  { edge, id }: Incoming,
  { caller, route, request, wire, wishes }: PreviewParts,
): Call<"chat"> => ({
  id,
  operation: "chat",
  caller,
  route,
  request,
  wire,
  signal: new CancelController().signal,
  ...(wishes === undefined ? {} : { routing: wishes }),
  scope: new CallScope({
    head: {
      ...{ id, operation: "chat", tenant: caller.tenant, team: caller.team, keyId: caller.keyId },
      ...{ route: route.name, requestedModel: request.model, streamed: request.stream },
    },
    clock: edge.clock,
    journal: nowhere,
    estimateInputTokens: () => chatCodec.estimateInputTokens(request),
    onEnded: () => undefined,
    onSettled: () => undefined,
  }),
});

/** Targets that are not the caller's to see are not shown to the caller. */
const visible =
  ({ caller, route }: PreviewParts) =>
  ({ target: id, excluded }: DecisionCandidate): boolean => {
    if (excluded !== true) return true;
    const found = route.candidates.find(({ target }) => target.id === id);
    return found !== undefined && reachesModel(caller, found.target);
  };

const knownOrNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

const show = (decision: Decision, parts: PreviewParts): z.input<typeof previewResponse> => {
  const { detail, candidates } = decision;
  const target = candidates.find(({ excluded }) => excluded !== true)?.target ?? "";
  const slash = target.indexOf("/");
  return {
    object: "route.decision",
    route: parts.route.name,
    strategy: decision.strategy,
    model: target.slice(slash + 1),
    provider: target.slice(0, slash),
    target,
    reason: decision.reason,
    confidence: knownOrNull(detail?.confidence),
    action: detail?.action ?? null,
    propensity: knownOrNull(detail?.propensity),
    binding: detail?.binding ?? null,
    task_kind: detail?.taskKind ?? null,
    complexity: detail?.complexity ?? null,
    candidates: candidates.filter(visible(parts)).map((one) => ({ ...one })),
    expected: (detail?.expected ?? []).map((action) => ({
      action: action.action,
      quality: knownOrNull(action.quality),
      lower: knownOrNull(action.lower),
      upper: knownOrNull(action.upper),
      cost_usd: knownOrNull(action.costUsd),
      latency_milliseconds: knownOrNull(action.latencyMilliseconds),
      utility: knownOrNull(action.utility),
    })),
    notes: [...(decision.fallback === undefined ? [] : [decision.fallback]), ...(decision.notes ?? [])],
  };
};

const partsOf = (incoming: Incoming, caller: Caller, { bytes, body: sent }: JsonBody): PreviewParts => {
  const body = asConversation(sent);
  refuseFields(body);
  const request = chatCodec.parse(body);
  const wishes = readWishes(body, incoming.request.headers);
  const gateway = incoming.edge.gateway();
  const named = gateway.resolveRoute(routeName({ body }, request.model), caller);
  const route = wishes === undefined ? named : gateway.routeAsWished(named, wishes, { caller, purpose: "preview" });
  const wire = { dialect: "openai", text: "", bytes, body, model: { start: 0, end: 0 }, parsed: request } as const;
  return { caller, route, request, wire, wishes };
};

/** `POST /v1/route`: where a call would go, without a call. Nothing is asked of a provider, paid, counted or learned. */
export const previewRoute = async (incoming: Incoming, caller: Caller): Promise<ServerReply> => {
  const { edge, request, id } = incoming;
  const refusal = edge.refuseCall();
  if (refusal !== undefined) throw refusal;
  const parts = partsOf(incoming, caller, await readJsonBody(request, edge.limits));
  const call = untracedCall(incoming, parts);
  await edge.gateway().preview(call);
  const { decision } = call.scope;
  if (decision === null) throw new GatewayError("internal_error", "Nothing was decided.");
  return {
    status: 200,
    headers: { "content-type": "application/json", ...idHeaders(id, undefined) },
    body: JSON.stringify(show(decision, parts)),
  };
};

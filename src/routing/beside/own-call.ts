import type { Call, Wire } from "../../core/call.ts";
import { CallScope } from "../../core/call-scope.ts";
import type { CancelSignal } from "../../core/cancel.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { Beside } from "../../core/decision.ts";
import { ownTenant } from "../../core/default-tenant.ts";
import { toGatewayError } from "../../core/errors.ts";
import { estimateInputTokens } from "../../core/estimate-tokens.ts";
import type { CallRecord } from "../../core/ledger.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Health } from "../../core/ports/health.ts";
import type { Journal } from "../../core/ports/journal.ts";
import type { Completion } from "../../core/reply.ts";
import type { CompiledRoute } from "../../core/route.ts";
import { type DecideOptions, decide } from "../decide.ts";
import { NotAdmitted, type TryOptions, tryTarget } from "../try-target.ts";
import { Unaffordable } from "../unaffordable.ts";

/** How calls of the program's own are made and kept. */
export interface OwnCallParts {
  readonly newId: () => string;
  /** `wall` by the clock of budgets' periods. */
  readonly clock: Clock;
  readonly journal: Journal;
  readonly onSettled: (record: CallRecord) => void;
}

/** What decides and tries: as for clients' calls, but for health and load, which such calls only read. */
export type OwnCallOptions = DecideOptions & TryOptions;

export interface OwnCallOrder {
  /** The client's call; whatever its key does not reach is not asked. */
  readonly served: Call;
  readonly route: CompiledRoute;
  readonly request: ChatRequest;
  /** The client's body, where the request is the client's. */
  readonly wire?: Wire;
  readonly signal: CancelSignal;
}

const wireOf = (request: ChatRequest): Wire => ({
  dialect: "openai",
  text: "",
  bytes: Buffer.byteLength(JSON.stringify(request.messages)),
  body: {},
  model: { start: 0, end: 0 },
  parsed: undefined,
});

/**
 * Opens a call that no client asked for. It stands in the ledger as one of the gateway's own, since whoever is served
 * shall not pay for what the operator wants to know, nor have it taken from a budget.
 */
export const openOwnCall = (
  { newId, clock, journal, onSettled }: OwnCallParts,
  { served, route, request, wire = wireOf(request), signal }: OwnCallOrder,
): Call => {
  const id = newId();
  const scope = new CallScope({
    head: {
      ...{ id, operation: "chat", tenant: ownTenant, team: null, keyId: null },
      ...{ route: route.name, requestedModel: request.model, streamed: false },
    },
    ...{ clock, journal, onSettled },
    estimateInputTokens: () => estimateInputTokens(request),
    onEnded: () => undefined,
  });
  const { caller, routing } = served;
  const call: Call<"chat"> = { id, operation: "chat", caller, route, request, wire, signal, scope };
  // What the client excludes is excluded here, too.
  return (routing === undefined ? call : { ...call, routing }) as unknown as Call;
};

/** The client's call that one of the program's own is about. */
export const besideOf = (kind: Beside["kind"], { id, scope: { head } }: Call): Beside => ({
  ...{ kind, call: id, route: head.route, tenant: head.tenant, startedAt: head.startedAt },
});

/** Adds to the decision what the call is about. */
export const noteBeside = ({ scope, route }: Call, beside: Beside): void =>
  scope.decide({
    ...(scope.decision ?? { strategy: route.strategy.kind, candidates: [], reason: "it was not decided on" }),
    beside,
  });

/** The best target is the one that answered the client: it would be asked the same twice. */
export class SameTarget extends Error {
  override readonly name = "SameTarget";
}

/**
 * The best target of the route, asked once: such a call is not tried again, and goes nowhere else. Throws
 * {@link SameTarget} where that is `notTarget`, and as {@link decide} and {@link tryTarget} do.
 */
export const askOnce = async (call: Call, options: OwnCallOptions, notTarget: string | null): Promise<Completion> => {
  const { ranked } = await decide(call, options);
  const target = ranked[0]?.candidate.target;
  if (target === undefined || target.id === notTarget) throw new SameTarget();
  const { reply } = await tryTarget(call, target, options);
  if (reply.kind !== "whole") throw new Error("a stream that nobody asked for");
  return reply.value as Completion;
};

/** Settles a call that failed; one that was held back before it reached anybody leaves no row. */
export const settleFailed = ({ scope }: Call, thrown: unknown): void => {
  const isHeldBack = thrown instanceof NotAdmitted || thrown instanceof Unaffordable || thrown instanceof SameTarget;
  if (isHeldBack) scope.turnAway();
  const error = thrown instanceof Unaffordable ? thrown.error : toGatewayError(thrown);
  scope.finish({ outcome: error.code === "shutting_down" ? "aborted" : "error", status: error.kind.status, error });
};

/** Health as calls of the program's own see it: they keep off whatever rests, and what they meet rests for them alone. */
export const apartFrom = (shared: Pick<Health, "look">, own: Health): Health => {
  const both = (targetId: string, ask: Health["look"]): ReturnType<Health["look"]> => {
    const look = shared.look(targetId);
    if (look instanceof Promise) return look.then((known) => (isResting(known) ? known : ask(targetId)));
    return isResting(look) ? look : ask(targetId);
  };
  return {
    admit: (targetId) => both(targetId, (id) => own.admit(id)),
    look: (targetId) => both(targetId, (id) => own.look(id)),
    succeed: (targetId) => own.succeed(targetId),
    fail: (targetId, error) => own.fail(targetId, error),
    release: (targetId) => own.release(targetId),
    coolDown: (targetId, milliseconds) => own.coolDown(targetId, milliseconds),
  };
};

const isResting = ({ kind }: { readonly kind: string }): boolean => kind === "open" || kind === "cooling";

import type { Batches } from "../core/batches.ts";
import type { Call, Reply } from "../core/call.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { Ranked } from "../core/ports/strategy.ts";
import type { Chunk } from "../core/reply.ts";
import { type HedgeOptions, type HedgeRace, hedged } from "./hedge.ts";
import { type RescueOptions, rescued } from "./rescue/rescue.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { sleep } from "./sleep.ts";
import { type Answering, NotAdmitted, tryTarget } from "./try-target.ts";
import { Unaffordable } from "./unaffordable.ts";

export interface AttemptOptions extends HedgeOptions, Pick<RescueOptions, "prefillOf"> {
  readonly retries: RetryBudget;
  readonly random: () => number;
  /** Who may continue a stream that dies; absent: those of the ranking. */
  readonly rescuers?: readonly Ranked[];
}

/** Base and cap of the exponential wait between tries of one target. */
const backoff = { baseMilliseconds: 200, capMilliseconds: 4_000 };
/** A provider that asks for a longer pause than this is left for the next target. */
const longestWaitMilliseconds = 5_000;
/** So many targets may fail before a call does. */
const mostFallbacks = 5;
/** An answer that cannot be read is as good as paid for: one more target, not all. */
const mostUnreadable = 2;

/** Full jitter over an exponentially growing interval, or what the provider asks for. */
const waitBefore = (error: GatewayError, tries: number, random: number): number =>
  error.retryAfterMilliseconds ??
  random * Math.min(backoff.capMilliseconds, backoff.baseMilliseconds * 2 ** (tries - 1));

/** A refused credential may be followed by another one of the same provider, which then says so by a pause of 0. */
const mayTryAgain = (error: GatewayError): boolean =>
  error.kind.retryable || (error.code === "upstream_authentication" && error.retryAfterMilliseconds === 0);

const isInTime = (call: Call, wait: number): boolean =>
  wait <= longestWaitMilliseconds && call.scope.elapsed() + wait < call.route.timeouts.totalMilliseconds;

/**
 * Goes on with a target after a try of it has failed: until it answers, its tries are used up, or a failure says that
 * trying again is no use.
 */
const tryAgain = async (
  call: Call,
  target: Target,
  { options, thrown }: { readonly options: AttemptOptions; readonly thrown: unknown },
): Promise<Answering> => {
  let last: GatewayError | undefined;
  let failure = thrown;
  for (let tries = 1; ; tries++) {
    if (failure instanceof NotAdmitted || failure instanceof Unaffordable) throw last ?? failure;
    const error = toGatewayError(failure);
    last = error;
    if (call.signal.aborted || !mayTryAgain(error) || tries > call.route.retries.perTarget) throw error;
    const wait = waitBefore(error, tries, options.random());
    if (!isInTime(call, wait)) throw error;
    if (!options.retries.take()) {
      call.scope.note(`${target.id} is not tried again: the budget for further tries is used up`);
      throw error;
    }
    await sleep(wait, call.signal);
    try {
      return await tryTarget(call, target, options);
    } catch (next) {
      failure = next;
    }
  }
};

/** Tries one target, again where that may help. Throws as {@link tryTarget}. */
export const tryOne = async (call: Call, target: Target, options: AttemptOptions): Promise<Answering> => {
  try {
    return await tryTarget(call, target, options);
  } catch (thrown) {
    return await tryAgain(call, target, { options, thrown });
  }
};

/** What the caller is told where no target answered: a bad request wins over a broken target, and that over a pause. */
export const worseOf = (before: GatewayError | undefined, error: GatewayError): GatewayError =>
  before !== undefined && before.kind.status < 500 && error.kind.status >= 500 ? before : error;

const unavailable = (call: Call, skipped: readonly Skipped[]): GatewayError => {
  const soonest = Math.min(...skipped.map(({ admission }) => admission.waitMilliseconds));
  const reasons = skipped.map(({ target, admission }) => `${target.id}: ${admission.reason}`);
  const isPause = skipped.every(({ admission }) => admission.kind === "cooling");
  return new GatewayError(
    isPause ? "rate_limit_exceeded" : "no_target_available",
    `No target of '${call.route.name}' can be called now. ${reasons.join("; ")}. Try again later.`,
    { retryAfterMilliseconds: soonest },
  );
};

interface Skipped {
  readonly target: Target;
  readonly admission: NotAdmitted["admission"];
}

/** A stream that goes on when its upstream dies; a whole answer as it is. */
const delivered = (
  call: Call,
  { attempt, reply }: Answering,
  { ranked, options }: { readonly ranked: readonly Ranked[]; readonly options: AttemptOptions },
): Reply => {
  if (reply.kind === "whole" || call.operation !== "chat") {
    attempt.deliver();
    return reply;
  }
  const batches = reply.batches as Batches<Chunk>;
  const rescue: RescueOptions = { ...options, ranked: options.rescuers ?? ranked, call };
  return { kind: "stream", batches: rescued({ attempt, batches }, rescue) } as Reply;
};

/** Tries the target, and another one beside it where it is slow and the route wants that. */
const hedgedTry = (call: Call, { target, rest }: Pick<HedgeRace, "target" | "rest">, options: AttemptOptions) =>
  hedged(call, { target, rest, tryFirst: (hedge) => tryOne(hedge, target, options) }, options);

/**
 * Carries out a ranking: the best target first, tried again where that may help, then the next. Ends with the first
 * whole answer, or the first stream whose first content has come. Throws the failure that tells the caller most.
 */
export const carryOut = async (ranked: readonly Ranked[], call: Call, options: AttemptOptions): Promise<Reply> => {
  options.retries.call();
  const skipped: Skipped[] = [];
  const refused: GatewayError[] = [];
  let failure: GatewayError | undefined;
  let fallbacks = 0;
  let unreadable = 0;
  const rest = ranked.map(({ candidate }) => candidate.target);
  for (let target = rest.shift(); target !== undefined; target = rest.shift()) {
    try {
      let answering: Answering;
      if (call.route.hedge !== undefined) answering = await hedgedTry(call, { target, rest }, options);
      else {
        // As `tryOne`, which would cost every call an asynchronous function more.
        try {
          answering = await tryTarget(call, target, options);
        } catch (thrown) {
          answering = await tryAgain(call, target, { options, thrown });
        }
      }
      return delivered(call, answering, { ranked, options });
    } catch (thrown) {
      if (thrown instanceof NotAdmitted) {
        skipped.push({ target, admission: thrown.admission });
        call.scope.note(`${target.id} passed over: ${thrown.admission.reason}`);
        continue;
      }
      if (thrown instanceof Unaffordable) {
        refused.push(thrown.error);
        continue;
      }
      const error = toGatewayError(thrown);
      if (call.signal.aborted) throw toGatewayError(call.signal.reason);
      if (!error.kind.fallback) throw error;
      failure = worseOf(failure, error);
      if (error.code === "upstream_invalid_response") unreadable += 1;
      fallbacks += 1;
      if (fallbacks > mostFallbacks || unreadable >= mostUnreadable) break;
      if (call.scope.elapsed() + 5 >= call.route.timeouts.totalMilliseconds) break;
    }
  }
  if (failure !== undefined) throw failure;
  if (skipped.length === 0 && refused.length > 0) throw turnedAway(call, refused);
  return waitForOne(ranked, call, { ...options, skipped });
};

/** Whoever cannot pay costs no row. What could be paid at another time is told rather than what never can. */
const turnedAway = (call: Call, refused: readonly GatewayError[]): GatewayError => {
  call.scope.turnAway();
  return refused.find(({ code }) => code === "insufficient_quota") ?? (refused[0] as GatewayError);
};

/** Every target wants a pause: the shortest is waited out where there is time for it. */
const waitForOne = async (
  ranked: readonly Ranked[],
  call: Call,
  options: AttemptOptions & { readonly skipped: readonly Skipped[] },
): Promise<Reply> => {
  const [first] = options.skipped.toSorted((a, b) => a.admission.waitMilliseconds - b.admission.waitMilliseconds);
  if (first === undefined || first.admission.kind !== "cooling" || !isInTime(call, first.admission.waitMilliseconds))
    throw unavailable(call, options.skipped);
  await sleep(first.admission.waitMilliseconds + 1, call.signal);
  try {
    const answering = await tryOne(call, first.target, options);
    return delivered(call, answering, { ranked, options });
  } catch (thrown) {
    if (thrown instanceof NotAdmitted) throw unavailable(call, [{ target: first.target, admission: thrown.admission }]);
    throw thrown instanceof Unaffordable ? turnedAway(call, [thrown.error]) : thrown;
  }
};

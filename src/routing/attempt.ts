import type { Attempt } from "../core/attempt.ts";
import type { Call, Reply } from "../core/call.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Ranked } from "../core/ports/strategy.ts";
import type { Chunk } from "../core/reply.ts";
import { openDeadline } from "./deadline.ts";
import type { TargetLoads } from "./target-loads.ts";
import { awaitFirstContent, watchStream } from "./watched-stream.ts";
import { worstCase } from "./worst-case.ts";

/** Calls one target once. A stream is returned as soon as its headers are there. */
export type InvokeTarget = (
  call: Call,
  target: Target,
  options: { readonly attempt: Attempt; readonly signal: AbortSignal },
) => Promise<Reply>;

export interface AttemptOptions {
  readonly invoke: InvokeTarget;
  readonly loads: TargetLoads;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Base and cap of the exponential wait between tries of one target. */
const backoff = { baseMilliseconds: 200, capMilliseconds: 4_000 };
/** A provider that asks for a longer pause than this is left for the next target, where there is one. */
const longestWaitMilliseconds = 5_000;

const noteWhole = (attempt: Attempt, reply: Reply): void => {
  if (reply.kind !== "whole") return;
  if (reply.value.usage !== undefined) attempt.usage(reply.value.usage);
  attempt.content("choices" in reply.value ? JSON.stringify(reply.value.choices).length : 0);
  attempt.end("ok");
};

/** A signal that is aborted with the call, and an abort of its own. */
const childOf = (parent: AbortSignal): { controller: AbortController; release: () => void } => {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener("abort", onAbort, { once: true });
  return { controller, release: () => parent.removeEventListener("abort", onAbort) };
};

const tryOnce = async (call: Call, target: Target, options: AttemptOptions): Promise<Reply> => {
  const attempt = call.scope.dispatch(target, worstCase(call, target));
  const leave = options.loads.begin(target.id);
  const { controller, release } = childOf(call.signal);
  const deadline = openDeadline(controller, target.provider, () => options.clock.monotonic());
  const { firstTokenMilliseconds, idleMilliseconds, totalMilliseconds } = call.route.timeouts;
  const end = (): void => {
    deadline.stop();
    release();
    leave();
  };
  const isStreamed = "stream" in call.request && call.request.stream;
  try {
    // A whole answer sends its headers when it is finished, so only the total deadline bounds it.
    const left = Math.max(1, totalMilliseconds - call.scope.elapsed());
    if (isStreamed && firstTokenMilliseconds < left) deadline.expect("first token", firstTokenMilliseconds);
    else deadline.expect("whole answer", left);
    const reply = await options.invoke(call, target, { attempt, signal: controller.signal });
    if (reply.kind === "whole") {
      noteWhole(attempt, reply);
      options.loads.observe(target.id, call.scope.elapsed() - attempt.startedAfterMilliseconds);
      end();
      return reply;
    }
    const abort = (): void => controller.abort(new GatewayError("client_closed_request", "The reader left."));
    const source = reply.batches[Symbol.asyncIterator]() as AsyncIterator<readonly Chunk[]>;
    const watched = watchStream(source, { attempt, onBatch: deadline.touch, onEnd: end, abort });
    const batches = await awaitFirstContent(watched);
    options.loads.observe(target.id, call.scope.elapsed() - attempt.startedAfterMilliseconds);
    deadline.expect("further token", idleMilliseconds);
    return { kind: "stream", batches };
  } catch (thrown) {
    const error = controller.signal.aborted ? toGatewayError(controller.signal.reason) : toGatewayError(thrown);
    controller.abort(error);
    attempt.end(error.code === "client_closed_request" ? "aborted" : "error", error);
    end();
    throw error;
  }
};

/** Full jitter over an exponentially growing interval, or what the provider asks for. */
const waitBefore = (error: GatewayError, tries: number, random: number): number =>
  error.retryAfterMilliseconds ??
  random * Math.min(backoff.capMilliseconds, backoff.baseMilliseconds * 2 ** (tries - 1));

const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", onAbort, { once: true });
  });

/** Tries one target until it answers, its tries are used up, or its failure says that trying again is no use. */
const tryTarget = async (call: Call, target: Target, options: AttemptOptions): Promise<Reply> => {
  for (let tries = 1; ; tries++) {
    try {
      return await tryOnce(call, target, options);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (call.signal.aborted || !error.kind.retryable || tries > call.route.retries.perTarget) throw error;
      const wait = waitBefore(error, tries, options.random());
      if (wait > longestWaitMilliseconds || call.scope.elapsed() + wait >= call.route.timeouts.totalMilliseconds)
        throw error;
      await sleep(wait, call.signal);
    }
  }
};

/** Of several targets' failures the caller sees the last; what a target refused as a bad request wins over it. */
const worseOf = (before: GatewayError | undefined, error: GatewayError): GatewayError =>
  before !== undefined && before.kind.status < 500 && error.kind.status >= 500 ? before : error;

/**
 * Carries out a ranking: the best target first, tried again where that may help, then the next. Ends with the first
 * whole answer, or the first stream whose first content has come. Throws the failure that tells the caller most.
 */
export const carryOut = async (ranked: readonly Ranked[], call: Call, options: AttemptOptions): Promise<Reply> => {
  let failure: GatewayError | undefined;
  for (const { candidate } of ranked) {
    try {
      return await tryTarget(call, candidate.target, options);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (call.signal.aborted) throw toGatewayError(call.signal.reason);
      if (!error.kind.fallback) throw error;
      failure = worseOf(failure, error);
      if (call.scope.elapsed() >= call.route.timeouts.totalMilliseconds) break;
    }
  }
  throw failure ?? new GatewayError("no_target_available", `Route '${call.route.name}' has no target.`);
};

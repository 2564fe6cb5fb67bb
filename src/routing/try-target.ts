import { openAssembly } from "../core/assemble.ts";
import type { Attempt } from "../core/attempt.ts";
import type { Batches, BatchIterator } from "../core/batches.ts";
import type { Call, Reply } from "../core/call.ts";
import { CancelController, type CancelSignal } from "../core/cancel.ts";
import type { ChatRequest } from "../core/chat.ts";
import { answerText } from "../core/delivered-text.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Admission, Health } from "../core/ports/health.ts";
import type { Chunk, Completion } from "../core/reply.ts";
import type { Timeouts } from "../core/timeouts.ts";
import { Deadline } from "./deadline.ts";
import type { TargetLoads } from "./target-loads.ts";
import { type StreamOwner, WatchedStream } from "./watched-stream.ts";
import { worstCase } from "./worst-case.ts";

/** Calls one target once. A stream is returned as soon as its headers are there. */
export type InvokeTarget = (call: Call, target: Target, options: InvokeTargetOptions) => Promise<Reply>;

export interface InvokeTargetOptions {
  readonly attempt: Attempt;
  readonly signal: CancelSignal;
  /** How long the connection may take to come about. */
  readonly connectMilliseconds: number;
  /** Told when the upstream's headers have come. */
  readonly onHeaders: () => void;
  /** Told that the target takes no further call for so many milliseconds. */
  readonly onExhausted: (milliseconds: number) => void;
}

export interface TryOptions {
  readonly invoke: InvokeTarget;
  readonly loads: TargetLoads;
  readonly health: Health;
  readonly clock: Clock;
}

/** An attempt that answers: whole, or a stream whose first content has come. */
export interface Answering {
  readonly attempt: Attempt;
  readonly reply: Reply;
}

const noteWhole = (attempt: Attempt, { value }: Reply & { kind: "whole" }): void => {
  if (value.usage !== undefined) attempt.usage(value.usage);
  attempt.content(value.usage === undefined && "choices" in value ? answerText(value) : "");
  attempt.end("ok");
};

/** Aborts a controller with a signal. Gives what ends that. */
const follow = (controller: CancelController, parent: CancelSignal): (() => void) => {
  const onAbort = (): void => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener("abort", onAbort, { once: true });
  return () => parent.removeEventListener("abort", onAbort);
};

/** A signal that is aborted with the call, and an abort of its own. */
export const childOf = (parent: CancelSignal): { controller: CancelController; release: () => void } => {
  const controller = new CancelController();
  return { controller, release: follow(controller, parent) };
};

/** The target was not called: its circuit is open, or it asked for a pause. */
export class NotAdmitted extends Error {
  override readonly name = "NotAdmitted";
  constructor(readonly admission: Admission & { kind: "open" | "cooling" }) {
    super(admission.reason);
  }
}

const isCallersDoing = (error: GatewayError): boolean =>
  error.code === "client_closed_request" || error.code === "shutting_down";

/** One call of one target that was admitted and dispatched: its end, however it comes, is told to all whom it concerns. */
class Trial implements StreamOwner {
  readonly #options: TryOptions;
  readonly #target: Target;
  readonly #attempt: Attempt;
  readonly #controller = new CancelController();
  readonly #release: () => void;
  readonly #leave: () => void;
  readonly deadline: Deadline;

  constructor(call: Call, attempt: Attempt, { totalMilliseconds, ...options }: TryOptions & TrialLimits) {
    this.#options = options;
    this.#attempt = attempt;
    this.#target = attempt.target;
    this.#leave = options.loads.begin(this.#target.id);
    this.#release = follow(this.#controller, call.signal);
    this.deadline = new Deadline({
      controller: this.#controller,
      provider: this.#target.provider,
      clock: options.clock,
      totalMilliseconds: Math.max(1, totalMilliseconds - call.scope.elapsed()),
    });
  }

  get signal(): CancelSignal {
    return this.#controller.signal;
  }

  asked(): void {
    this.deadline.ask();
  }

  received(): void {
    this.deadline.receive();
  }

  done(): void {
    this.#attempt.end("ok");
    this.succeeded();
  }

  succeeded(): void {
    this.#options.health.succeed(this.#target.id);
    this.#end();
  }

  failed(thrown: unknown): GatewayError {
    const { signal } = this.#controller;
    const error = toGatewayError(signal.aborted ? signal.reason : thrown);
    this.#controller.abort(error);
    this.#attempt.end(isCallersDoing(error) ? "aborted" : "error", error);
    const { health } = this.#options;
    if (isCallersDoing(error)) health.release(this.#target.id);
    else health.fail(this.#target.id, error);
    this.#end();
    return error;
  }

  left(): void {
    this.failed(new GatewayError("client_closed_request", "The reader left."));
  }

  #end(): void {
    this.deadline.stop();
    this.#release();
    this.#leave();
  }
}

interface TrialLimits {
  readonly totalMilliseconds: number;
}

/**
 * Calls a target once, where its circuit lets it: dispatches, waits for the first content under its deadline, and tells
 * health and load how it went. Throws {@link NotAdmitted} or GatewayError.
 */
export const tryTarget = async (call: Call, target: Target, options: TryOptions): Promise<Answering> => {
  const { health, loads, clock, invoke } = options;
  const admitted = health.admit(target.id);
  const admission = admitted instanceof Promise ? await admitted : admitted;
  if (admission.kind === "open" || admission.kind === "cooling") throw new NotAdmitted(admission);
  let attempt: Attempt;
  try {
    attempt = call.scope.dispatch(target, worstCase(call, target));
  } catch (error) {
    health.release(target.id);
    throw error;
  }
  const timeouts: Timeouts =
    target.timeouts === undefined ? call.route.timeouts : { ...call.route.timeouts, ...target.timeouts };
  const { totalMilliseconds } = timeouts;
  const trial = new Trial(call, attempt, { invoke, loads, health, clock, totalMilliseconds });
  const { deadline } = trial;
  try {
    const asked = isAssembled(call) ? asStream(call) : call;
    expectBeginning(asked, deadline, timeouts);
    const reply = await invoke(asked, target, {
      attempt,
      signal: trial.signal,
      connectMilliseconds: timeouts.connectMilliseconds,
      onHeaders: () => expectFirstToken(asked, deadline, timeouts),
      onExhausted: (milliseconds) => health.coolDown(target.id, milliseconds),
    });
    const latency = (): number => call.scope.elapsed() - attempt.startedAfterMilliseconds;
    if (reply.kind === "whole") {
      noteWhole(attempt, reply);
      loads.observe(target.id, latency());
      trial.succeeded();
      return { attempt, reply };
    }
    const batches = new WatchedStream(reply.batches[Symbol.asyncIterator]() as BatchIterator<Chunk>, attempt, trial);
    await batches.begin();
    loads.observe(target.id, latency());
    deadline.expect("further token", timeouts.idleMilliseconds);
    deadline.receive();
    if (asked !== call) return { attempt, reply: { kind: "whole", value: await assemble(batches) } };
    return { attempt, reply: { kind: "stream", batches } };
  } catch (thrown) {
    throw trial.failed(thrown);
  }
};

const isStreamed = ({ request }: Call): boolean => "stream" in request && request.stream;

/** Several choices are told apart by their index; nothing else of a request changes what a stream can carry. */
const isAssembled = (call: Call): boolean => call.route.assembleWhole && call.operation === "chat" && !isStreamed(call);

const asStream = (call: Call): Call => ({
  ...call,
  request: { ...(call.request as ChatRequest), stream: true, includeUsage: true },
});

const assemble = async (batches: Batches<Chunk>): Promise<Completion> => {
  const assembly = openAssembly();
  for await (const batch of batches) assembly.push(batch);
  return assembly.end();
};

/** A whole answer sends its headers when it is finished, so only the total deadline bounds it. */
const expectBeginning = (call: Call, deadline: Deadline, timeouts: Timeouts): void => {
  const { headersMilliseconds, firstTokenMilliseconds } = timeouts;
  if (isStreamed(call)) deadline.expect("headers", Math.min(headersMilliseconds, firstTokenMilliseconds));
};

/** The headers of a stream say that somebody is there; from then on the first token is waited for. */
const expectFirstToken = (call: Call, deadline: Deadline, timeouts: Timeouts): void => {
  if (isStreamed(call)) deadline.expect("first token", timeouts.firstTokenMilliseconds);
};

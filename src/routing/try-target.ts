import { openAssembly } from "../core/assemble.ts";
import type { Attempt } from "../core/attempt.ts";
import type { Batches, BatchIterator } from "../core/batches.ts";
import type { Call, Reply } from "../core/call.ts";
import { CancelController, type CancelSignal } from "../core/cancel.ts";
import type { ChatRequest } from "../core/chat.ts";
import { answerText } from "../core/delivered-text.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { Bound, Holding, SpendingGuard } from "../core/ports/budgets.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Admission, Health } from "../core/ports/health.ts";
import type { TargetQuota } from "../core/ports/strategy.ts";
import type { Chunk, Completion } from "../core/reply.ts";
import type { Timeouts } from "../core/timeouts.ts";
import { Deadline } from "./deadline.ts";
import type { Load, TargetLoads } from "./target-loads.ts";
import { Unaffordable } from "./unaffordable.ts";
import { type StreamOwner, WatchedStream } from "./watched-stream.ts";
import { boundOf } from "./worst-case.ts";

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
  /** Told what the provider says of its limits; absent where nobody asks. */
  readonly onQuota?: ((quota: QuotaReport) => void) | undefined;
}

/** What a provider said of its limits; the reset in milliseconds from now. */
export interface QuotaReport extends Pick<TargetQuota, "left" | "of"> {
  readonly resetsIn: number | undefined;
}

export interface TryOptions {
  readonly invoke: InvokeTarget;
  readonly loads: TargetLoads;
  readonly health: Health;
  readonly clock: Clock;
  /** Asked before each dispatch; absent: nothing limits what calls may cost. */
  readonly spending?: SpendingGuard | undefined;
}

/** An attempt that answers: whole, or a stream whose first content has come. */
export interface Answering {
  readonly attempt: Attempt;
  readonly reply: Reply;
}

const noteWhole = (attempt: Attempt, { value }: Reply & { kind: "whole" }): void => {
  const { usage } = value;
  attempt.answered(usage, usage === undefined && "choices" in value ? answerText(value) : "");
};

/** Of whole answers it is looked at only where somebody learns from it: they are not read otherwise. */
const noteEnding = (call: Call, attempt: Attempt, { value }: Reply & { kind: "whole" }): void => {
  if (call.scope.decision?.detail === undefined || !("choices" in value)) return;
  const [choice] = value.choices;
  if (choice !== undefined) attempt.finished(choice.finishReason);
};

/** A signal that is aborted with its parent, and has an abort of its own. */
export class ChildController extends CancelController {
  readonly #parent: CancelSignal;
  readonly #onAbort = (): void => this.abort(this.#parent.reason);

  constructor(parent: CancelSignal) {
    super();
    this.#parent = parent;
    if (parent.aborted) this.#onAbort();
    else parent.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The parent is listened to no longer. */
  release(): void {
    this.#parent.removeEventListener("abort", this.#onAbort);
  }
}

/** The target was not called: its circuit is open, or it asked for a pause. */
export class NotAdmitted extends Error {
  override readonly name = "NotAdmitted";
  constructor(readonly admission: Admission & { kind: "open" | "cooling" }) {
    super(admission.reason);
  }
}

const isCallersDoing = (error: GatewayError): boolean =>
  error.code === "client_closed_request" || error.code === "shutting_down";

interface Paid {
  readonly bound: Bound;
  /** Undefined where no budget concerns the attempt. */
  readonly held: Holding | undefined;
}

/** Appends the dispatch of an attempt that money is held for. Throws {@link Unaffordable} or GatewayError. */
const dispatchHeld = (call: Call, target: Target, { bound, held }: Paid): Attempt => {
  if (held === undefined) return call.scope.dispatch(target, bound.cost);
  if (held.kind === "refused") throw new Unaffordable(held);
  try {
    // The call may have ended while the answer was waited for.
    if (call.signal.aborted) throw toGatewayError(call.signal.reason);
    return call.scope.dispatch(target, bound.cost);
  } catch (error) {
    giveBack(held);
    throw error;
  }
};

/** No dispatch stands in the journal. Once it does, only the settlement gives anything back. */
const giveBack = (held: Holding | undefined): void => {
  if (held?.kind === "held") held.release();
};

/** Who left while the dispatch was written has asked nobody. Throws the call's reason then. */
const releaseFor = (call: Call, attempt: Attempt): void => {
  if (call.signal.aborted) {
    const error = toGatewayError(call.signal.reason);
    attempt.end("aborted", error);
    throw error;
  }
  attempt.release();
};

/** One call of one target that was admitted and dispatched: its end, however it comes, is told to all whom it concerns. */
class Trial implements StreamOwner {
  readonly #options: TryOptions;
  readonly #attempt: Attempt;
  readonly #controller: ChildController;
  #load: Load | undefined;
  readonly deadline: Deadline;
  #isOver = false;

  constructor(call: Call, attempt: Attempt, { totalMilliseconds, ...options }: TryOptions & TrialLimits) {
    this.#options = options;
    this.#attempt = attempt;
    const { id, provider } = attempt.target;
    this.#load = options.loads.begin(id);
    this.#controller = new ChildController(call.signal);
    this.deadline = new Deadline({
      controller: this.#controller,
      provider,
      clock: options.clock,
      totalMilliseconds: Math.max(1, totalMilliseconds - call.scope.elapsed()),
    });
  }

  get signal(): CancelSignal {
    return this.#controller.signal;
  }

  /**
   * From now on an abort alone ends the attempt: its stream is somebody's who may have left before reading it, and then
   * nobody would tell.
   */
  handOver(): void {
    const { signal } = this.#controller;
    const onAbort = (): void => void this.failed(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
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
    if (this.#isOver) return;
    this.#options.health.succeed(this.#attempt.target.id);
    this.#count("success");
    this.#end();
  }

  /** Told of the first failure and of what comes of it alike: only the first one counts. */
  failed(thrown: unknown): GatewayError {
    const { signal } = this.#controller;
    const error = toGatewayError(signal.aborted ? signal.reason : thrown);
    if (this.#isOver) return error;
    this.#isOver = true;
    this.#controller.abort(error);
    this.#attempt.end(isCallersDoing(error) ? "aborted" : "error", error);
    const { health } = this.#options;
    const { id } = this.#attempt.target;
    if (isCallersDoing(error)) health.release(id);
    else health.fail(id, error);
    if (error.kind.fallback && error.kind.status !== 400) this.#count("failure");
    this.#end();
    return error;
  }

  left(): void {
    this.failed(new GatewayError("client_closed_request", "The reader left."));
  }

  #count(outcome: "success" | "failure"): void {
    const { loads, clock } = this.#options;
    if (this.#load !== undefined) loads.count(this.#load, outcome, clock.monotonic());
  }

  #end(): void {
    this.#isOver = true;
    this.deadline.stop();
    this.#controller.release();
    if (this.#load !== undefined) this.#options.loads.end(this.#load);
    this.#load = undefined;
  }
}

interface TrialLimits {
  readonly totalMilliseconds: number;
}

/**
 * Calls a target once, where its circuit lets it: dispatches, waits for the first content under its deadline, and tells
 * health and load how it went. Throws {@link NotAdmitted}, {@link Unaffordable} or GatewayError.
 */
export const tryTarget = async (call: Call, target: Target, options: TryOptions): Promise<Answering> => {
  const { health, loads, clock, invoke } = options;
  const admitted = health.admit(target.id);
  const admission = admitted instanceof Promise ? await admitted : admitted;
  if (admission.kind === "open" || admission.kind === "cooling") throw new NotAdmitted(admission);
  let attempt: Attempt;
  try {
    // The call, or the race that this is part of, may have ended while the answer was waited for.
    if (admitted instanceof Promise && call.signal.aborted) throw toGatewayError(call.signal.reason);
    const bound = boundOf(call, target);
    const holding = options.spending?.hold(call, target, bound);
    const held = holding instanceof Promise ? await holding : holding;
    attempt = dispatchHeld(call, target, { bound, held });
    if (attempt.journalled !== undefined) {
      try {
        await attempt.journalled;
      } catch (error) {
        giveBack(held);
        throw error;
      }
      releaseFor(call, attempt);
    }
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
      onHeaders: isStreamed(asked) ? () => expectFirstToken(deadline, timeouts) : ignore,
      onExhausted: (milliseconds) => health.coolDown(target.id, milliseconds),
      onQuota: call.route.strategy.readsQuota && ((report) => noteQuota(options, target, report)),
    });
    if (reply.kind === "whole") {
      noteWhole(attempt, reply);
      noteEnding(call, attempt, reply);
      loads.observe(target.id, (attempt.firstContentAfterMilliseconds ?? 0) - attempt.startedAfterMilliseconds);
      trial.succeeded();
      return { attempt, reply };
    }
    const batches = new WatchedStream(reply.batches[Symbol.asyncIterator]() as BatchIterator<Chunk>, attempt, trial);
    await batches.begin();
    loads.observe(target.id, call.scope.elapsed() - attempt.startedAfterMilliseconds);
    deadline.expect("further token", timeouts.idleMilliseconds);
    deadline.receive();
    if (asked !== call) return { attempt, reply: { kind: "whole", value: await assemble(batches) } };
    trial.handOver();
    return { attempt, reply: { kind: "stream", batches } };
  } catch (thrown) {
    throw trial.failed(thrown);
  }
};

const noteQuota = ({ loads, clock }: TryOptions, { id }: Target, { left, of, resetsIn }: QuotaReport): void =>
  loads.noteQuota(id, { left, of, resetsAt: resetsIn === undefined ? undefined : clock.monotonic() + resetsIn });

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
const expectFirstToken = (deadline: Deadline, { firstTokenMilliseconds }: Timeouts): void =>
  deadline.expect("first token", firstTokenMilliseconds);

const ignore = (): void => undefined;

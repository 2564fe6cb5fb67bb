import type { Attempt } from "../../core/attempt.ts";
import { type Batches, type BatchFlow, type BatchIterator, type BatchSink, drainBatches } from "../../core/batches.ts";
import type { Call } from "../../core/call.ts";
import type { ChatRequest } from "../../core/chat.ts";
import { GatewayError, toGatewayError } from "../../core/errors.ts";
import type { Target } from "../../core/model.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import type { Ranked } from "../../core/ports/strategy.ts";
import { type Chunk, isContent } from "../../core/reply.ts";
import { addUsage, type Usage } from "../../core/usage.ts";
import { type TryOptions, tryTarget } from "../try-target.ts";
import { expectedAfterPrefill, prefilled } from "./prefilled.ts";
import { Diverged, type Expected, openSplice, type Splice } from "./splice.ts";
import { Transcript } from "./transcript.ts";

export interface RescueOptions extends TryOptions {
  readonly call: Call;
  readonly ranked: readonly Ranked[];
  /** Whether a target goes on with a begun answer. */
  readonly prefillOf: (request: ChatRequest, target: Target) => PrefillMode | undefined;
}

/** An attempt's stream, its first content there. */
export interface OpenStream {
  readonly attempt: Attempt;
  readonly batches: Batches<Chunk>;
}

type Step = IteratorResult<readonly Chunk[]>;
const done: Step = { done: true, value: undefined };
const untouched: Splice = { push: (batch) => batch };

/** Targets in the order in which they may continue: the one that died again, unless it fell silent, then the others. */
const successors = (ranked: readonly Ranked[], failed: Attempt, failure: GatewayError): Target[] => {
  const targets = ranked.map(({ candidate }) => candidate.target);
  const others = targets.filter(({ id }) => id !== failed.target.id);
  const isWorthAgain = failure.code !== "upstream_timeout" && failure.code !== "upstream_authentication";
  return isWorthAgain ? [failed.target, ...others] : others;
};

/** A stream that outlives its upstream: when one dies, the answer is continued from where the client has it. */
class RescuedStream implements BatchIterator<Chunk>, BatchSink<Chunk>, BatchFlow {
  readonly #options: RescueOptions;
  readonly #transcript = new Transcript();
  #attempt: Attempt;
  #source: BatchIterator<Chunk>;
  #splice: Splice = untouched;
  #candidates: Target[] | undefined;
  #failure: GatewayError | undefined;
  #earlier: Usage | undefined;
  /** Whether anything of the present attempt has gone out. */
  #isDelivered = false;
  #isOver = false;
  #sink: BatchSink<Chunk> | undefined;
  /** Of the present source; undefined until it is drained. */
  #flow: BatchFlow | undefined;
  #isFull = false;
  #isMending = false;
  /** How the present source ended while the answer was being mended: told when that is done. */
  #endedMeanwhile: (() => void) | undefined;

  constructor(first: OpenStream, options: RescueOptions) {
    this.#options = options;
    this.#attempt = first.attempt;
    this.#source = first.batches[Symbol.asyncIterator]();
  }

  async next(): Promise<Step> {
    while (!this.#isOver) {
      try {
        const step = await this.#source.next();
        if (step.done) return this.#end();
        const batch = this.#joined(step.value);
        if (batch.length > 0) return { done: false, value: this.#deliver(batch) };
      } catch (thrown) {
        const batch = await this.#recover(thrown);
        if (batch === "whole") return this.#end();
        if (batch.length > 0) return { done: false, value: this.#deliver(batch) };
      }
    }
    return done;
  }

  async return(): Promise<Step> {
    this.#isOver = true;
    this.#leave();
    return done;
  }

  drainTo(sink: BatchSink<Chunk>): BatchFlow {
    this.#sink = sink;
    this.#go();
    return this;
  }

  /** The source's side. */
  push(batch: readonly Chunk[]): boolean {
    if (this.#isOver) return true;
    let joined: readonly Chunk[];
    try {
      joined = this.#joined(batch);
    } catch (thrown) {
      void this.#mend(thrown);
      return false;
    }
    return joined.length === 0 || this.#pushOn(joined);
  }

  /** The source's side. */
  end(): void {
    if (this.#isOver) return;
    if (this.#isMending) {
      this.#endedMeanwhile = () => this.end();
      return;
    }
    this.#isOver = true;
    this.#sink?.end();
  }

  /** The source's side. */
  fail(thrown: unknown): void {
    if (this.#isOver) return;
    if (this.#isMending) this.#endedMeanwhile = () => this.fail(thrown);
    else void this.#mend(thrown);
  }

  resume(): void {
    this.#isFull = false;
    this.#go();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
  }

  /** Nothing more is wanted of the present source. Not awaited: one that stays silent must not hold us. */
  #leave(): void {
    if (this.#flow !== undefined) this.#flow.cancel();
    else void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }

  /** The present source pushes on, where there is one and what it brings is wanted. */
  #go(): void {
    if (this.#isFull || this.#isMending || this.#isOver) return;
    if (this.#flow === undefined) this.#flow = drainBatches(this.#source, this);
    else this.#flow.resume();
  }

  #pushOn(batch: readonly Chunk[]): boolean {
    this.#isFull = this.#sink?.push(this.#deliver(batch)) === false;
    return !this.#isFull;
  }

  /** What of a pushed source's death or divergence goes on to the sink: another source, or an end. */
  async #mend(thrown: unknown): Promise<void> {
    this.#isMending = true;
    let batch: readonly Chunk[] | "whole";
    try {
      batch = await this.#recover(thrown);
    } catch (failure) {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#sink?.fail(failure);
      return;
    }
    this.#isMending = false;
    if (this.#isOver) this.#leave();
    else if (batch === "whole") this.end();
    else {
      if (batch.length > 0) this.#pushOn(batch);
      const ended = this.#endedMeanwhile;
      this.#endedMeanwhile = undefined;
      if (ended === undefined) this.#go();
      else ended();
    }
  }

  /** What goes to the client of a batch. Throws {@link Diverged}. */
  #joined(batch: readonly Chunk[]): readonly Chunk[] {
    if (this.#splice === untouched && this.#failure === undefined) return batch;
    return this.#splice.push(batch).map(this.#shown);
  }

  #end(): Step {
    this.#isOver = true;
    return done;
  }

  #deliver(batch: readonly Chunk[]): readonly Chunk[] {
    this.#transcript.note(batch);
    if (!this.#isDelivered && batch.some(isContent)) {
      this.#isDelivered = true;
      this.#attempt.deliver();
    }
    return batch;
  }

  /** One answer to the client, whoever gives it: one id, one creation time, and the usage of all that it was made of. */
  readonly #shown = (chunk: Chunk): Chunk => {
    if (this.#failure === undefined) return chunk;
    const { start } = this.#transcript;
    if (chunk.type === "start" && start !== undefined) return { ...chunk, id: start.id, created: start.created };
    if (chunk.type === "usage" && this.#earlier !== undefined)
      return { type: "usage", usage: addUsage(this.#earlier, chunk.usage) };
    return chunk;
  };

  /** Opens another stream in the dead one's place. Gives what goes to the client at once; throws the first failure. */
  async #recover(thrown: unknown): Promise<readonly Chunk[] | "whole"> {
    const { call, ranked } = this.#options;
    const error = thrown instanceof Diverged ? undefined : toGatewayError(thrown);
    if (call.signal.aborted) throw toGatewayError(call.signal.reason);
    // Everything was there but the wire format's own end.
    if (this.#transcript.isFinished) return "whole";
    if (thrown instanceof Diverged) {
      // Only this dialect has a field in which clients can be told.
      if (call.route.rescue === "restart" && call.wire.dialect === "openai") return this.#restart(thrown);
      this.#leave();
      call.scope.note(`${this.#attempt.target.id} gave another answer: not joined on`);
    }
    if (error !== undefined) this.#noteDeath(error);
    this.#failure ??= error;
    const failure = this.#failure ?? toGatewayError(thrown);
    if (!this.#isRescuable(failure)) throw failure;
    this.#candidates ??= successors(ranked, this.#attempt, failure);
    for (let target = this.#candidates.shift(); target !== undefined; target = this.#candidates.shift())
      if (await this.#continueOn(target)) return [];
    throw failure;
  }

  #noteDeath(error: GatewayError): void {
    const { call } = this.#options;
    call.scope.note(`the stream of ${this.#attempt.target.id} died after it began (${error.code})`);
    const { usage, delivered } = this.#attempt.record();
    if (delivered && usage !== null)
      this.#earlier = this.#earlier === undefined ? usage : addUsage(this.#earlier, usage);
  }

  #isRescuable(failure: GatewayError): boolean {
    const { call } = this.#options;
    const request = call.request as ChatRequest;
    if (call.route.rescue === "off" || this.#transcript.isOpaque || (request.n ?? 1) > 1) return false;
    // A timer may fire a moment early.
    return failure.kind.fallback && call.scope.elapsed() + 5 < call.route.timeouts.totalMilliseconds;
  }

  /** False where the target did not take over: then the next may. */
  async #continueOn(target: Target): Promise<boolean> {
    const { call, prefillOf } = this.#options;
    const { text, refusal, calls } = this.#transcript;
    const canPrefill = text.trim() !== "" && calls.length === 0 && refusal === "";
    const mode = canPrefill ? prefillOf(call.request as ChatRequest, target) : undefined;
    if (mode !== undefined) {
      const outcome = await this.#open(prefilled(call, text), target, expectedAfterPrefill(mode, text));
      if (outcome !== "refused") return outcome === "open";
    }
    return (await this.#open(call, target, { mayReason: true, text, refusal, calls })) === "open";
  }

  /** `refused`: the target does not take such a request; `dead`: it takes none. */
  async #open(asked: Call, target: Target, expected: Expected): Promise<"open" | "refused" | "dead"> {
    const { call } = this.#options;
    try {
      const { attempt, reply } = await tryTarget(asked, target, this.#options);
      if (reply.kind !== "stream") return "dead";
      this.#take(attempt, reply.batches as Batches<Chunk>, expected);
    } catch (thrown) {
      // What killed the stream is what the client hears of, not what its rescue died of.
      if (call.signal.aborted) throw toGatewayError(call.signal.reason);
      return thrown instanceof GatewayError && thrown.kind.status < 429 ? "refused" : "dead";
    }
    call.scope.note(`${target.id} ${asked === call ? "started the answer again" : "went on with the answer"}`);
    return "open";
  }

  #take(attempt: Attempt, batches: Batches<Chunk>, expected: Expected): void {
    this.#attempt = attempt;
    this.#isDelivered = false;
    this.#source = batches[Symbol.asyncIterator]();
    this.#flow = undefined;
    this.#endedMeanwhile = undefined;
    this.#splice = openSplice(expected);
  }

  /** The route would rather have another whole answer than none: it is announced, then sent from its beginning. */
  #restart({ begun }: Diverged): readonly Chunk[] {
    const { call } = this.#options;
    call.scope.note(`${this.#attempt.target.id} gave another answer: announced and sent from its beginning`);
    this.#splice = untouched;
    const announced: Chunk = { type: "restart", choice: 0, reason: this.#failure?.code ?? "upstream_error" };
    return [announced, ...begun.map(this.#shown)];
  }
}

/** The stream of an attempt that answers, kept alive beyond the attempt. */
export const rescued = (first: OpenStream, options: RescueOptions): Batches<Chunk> => ({
  [Symbol.asyncIterator]: () => new RescuedStream(first, options),
});

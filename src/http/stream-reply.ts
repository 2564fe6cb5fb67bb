import { type Batches, type BatchFlow, type BatchSink, drainBatches } from "../core/batches.ts";
import type { Call } from "../core/call.ts";
import type { CallOutcome } from "../core/call-scope.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { OperationName, PieceOf } from "../core/operations.ts";
import type { BodySource, TextSink } from "../core/ports/http-server.ts";
import type { StreamEncoder } from "./codec.ts";
import type { StreamPacing } from "./edge.ts";
import { StreamWatch } from "./stream-watch.ts";

export interface StreamReply<Operation extends OperationName> {
  readonly call: Call<Operation>;
  readonly batches: Batches<PieceOf<Operation>>;
  readonly encoder: StreamEncoder<PieceOf<Operation>>;
  readonly pacing: StreamPacing;
  /** What is sent while nothing comes. */
  readonly keepAlive: string;
  /** Whether the stream begins with content, or with a sign of life because there is none yet. */
  readonly begins: "with content" | "alive";
  /** Aborts the call: the upstream is closed before anything else is. */
  abort(error: GatewayError): void;
  readonly clientGone: () => GatewayError;
  /** Closes the connection of a client that takes nothing. */
  readonly cut: () => void;
  readonly flushed: () => Promise<void> | undefined;
  /** Told once: the last byte is about to be handed to the server, or the client has gone. */
  readonly onEnd: () => void;
}

interface Ended extends Pick<StreamReply<OperationName>, "flushed"> {
  readonly call: Pick<Call, "scope">;
  readonly encoder: Pick<StreamEncoder<never>, "finish" | "fail">;
}

/** Settles the call when its stream ends, however it does, and gives the frame that may leave only after that. */
const openEnding = ({ call, encoder, flushed }: Ended) => {
  const settle = async (outcome: CallOutcome, frame: string): Promise<string> => {
    call.scope.finish(outcome);
    await call.scope.journalled;
    await flushed();
    return frame;
  };
  const fail = async (error: GatewayError): Promise<string> => {
    const outcome = error.code === "client_closed_request" ? "aborted" : "error";
    try {
      return await settle({ outcome, status: error.kind.status, error }, encoder.fail(error));
    } catch (thrown) {
      return encoder.fail(toGatewayError(thrown));
    }
  };
  const succeed = async (): Promise<string> => {
    try {
      return await settle({ outcome: "ok", status: 200 }, encoder.finish());
    } catch (thrown) {
      return fail(toGatewayError(thrown));
    }
  };
  let ending: Promise<string> | undefined;
  const close = (frame: Promise<string>): Promise<string> => {
    ending = frame;
    return frame;
  };
  return {
    /** The first ending counts; later ones give the same frame. */
    fail: (error: GatewayError) => ending ?? close(fail(error)),
    succeed: () => ending ?? close(succeed()),
    current: () => ending,
  };
};

/**
 * A stream as a body. What the upstream brings is written down and handed over at once; a slow reader slows the
 * upstream, and one that takes nothing is cut off. A silent stream sends signs of life. The final frame is held back
 * until the call is settled; a failure after the first byte becomes an error event, never a clean end.
 */
class StreamBody<Operation extends OperationName> implements BodySource, BatchSink<PieceOf<Operation>> {
  readonly #reply: StreamReply<Operation>;
  readonly #encoder: StreamEncoder<PieceOf<Operation>>;
  readonly #watch: StreamWatch;
  readonly #onAbort = (): void => this.#aborted();
  #ending: ReturnType<typeof openEnding> | undefined;
  #sink: TextSink | undefined;
  #flow: BatchFlow | undefined;
  /** Whether what was handed over waits to be taken. */
  #isFull = false;
  #isOver = false;

  constructor(reply: StreamReply<Operation>) {
    this.#reply = reply;
    this.#encoder = reply.encoder;
    const { call, pacing } = reply;
    this.#watch = new StreamWatch({
      pacing,
      now: () => call.scope.elapsed(),
      onSilent: () => this.#give(reply.keepAlive),
      onStalled: () => this.#stalled(),
    });
    if (call.signal.aborted) this.#aborted();
    else call.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  open(sink: TextSink): void {
    this.#sink = sink;
    const { call, begins, keepAlive } = this.#reply;
    const failed = call.signal.aborted ? this.#ending?.current() : undefined;
    if (failed !== undefined) {
      void this.#close(failed);
      return;
    }
    this.#watch.awaited();
    if (begins === "alive") this.#give(keepAlive);
    if (!this.#isFull) this.#go();
  }

  resume(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#watch.awaited();
    this.#go();
  }

  async cancel(): Promise<void> {
    const error = this.#reply.clientGone();
    this.#reply.abort(error);
    await this.#openedEnding().fail(error);
    this.#release();
  }

  /** The upstream's side. */
  push(batch: readonly PieceOf<Operation>[]): boolean {
    if (this.#ending !== undefined) return true;
    let text: string;
    try {
      text = this.#encoder.encodeBatch(batch);
    } catch (thrown) {
      this.fail(thrown);
      return true;
    }
    return text === "" || this.#give(text);
  }

  /** The upstream's side. */
  end(): void {
    void this.#close(this.#openedEnding().succeed());
  }

  /** The upstream's side. */
  fail(thrown: unknown): void {
    const error = toGatewayError(thrown);
    this.#reply.abort(error);
    void this.#close(this.#openedEnding().fail(error));
  }

  #go(): void {
    if (this.#ending !== undefined) return;
    if (this.#flow === undefined) this.#flow = drainBatches(this.#reply.batches[Symbol.asyncIterator](), this);
    else this.#flow.resume();
  }

  /** Hands text over. Returns whether more is wanted. */
  #give(text: string): boolean {
    this.#isFull = this.#sink?.push(text) === false;
    if (this.#isFull) this.#watch.given();
    else this.#watch.awaited();
    return !this.#isFull;
  }

  #openedEnding(): ReturnType<typeof openEnding> {
    this.#ending ??= openEnding(this.#reply);
    return this.#ending;
  }

  #aborted(): void {
    this.#watch.stop();
    // A client that goes while nothing comes would otherwise be noticed by nobody.
    const frame = this.#openedEnding().fail(toGatewayError(this.#reply.call.signal.reason));
    void this.#close(frame);
    if (this.#flow !== undefined) this.#flow.cancel();
    // Nobody will read it: whoever makes it is told all the same. Not awaited, for a silent upstream may hold it up.
    else void Promise.resolve(this.#reply.batches[Symbol.asyncIterator]().return?.()).catch(() => undefined);
  }

  #stalled(): void {
    const limit = this.#reply.pacing.stalledMilliseconds;
    const text = `The client took nothing of its answer for ${limit} ms.`;
    this.#reply.abort(new GatewayError("client_closed_request", text));
    this.#reply.cut();
  }

  /** Hands the last text over, once. */
  async #close(frame: Promise<string>): Promise<void> {
    const text = await frame;
    if (this.#isOver || this.#sink === undefined) return;
    this.#release();
    this.#sink.end(text);
  }

  #release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch.stop();
    this.#reply.call.signal.removeEventListener("abort", this.#onAbort);
    this.#reply.onEnd();
  }
}

export const streamBody = <Operation extends OperationName>(reply: StreamReply<Operation>): BodySource =>
  new StreamBody(reply);

import type { Call } from "../core/call.ts";
import type { CallOutcome } from "../core/call-scope.ts";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type { OperationName, PieceOf } from "../core/operations.ts";
import type { BodySource, BodyStep } from "../core/ports/http-server.ts";
import type { StreamEncoder } from "./codec.ts";
import type { StreamPacing } from "./edge.ts";
import { watchStreaming } from "./stream-watch.ts";

export interface StreamReply<Operation extends OperationName> {
  readonly call: Call<Operation>;
  readonly batches: AsyncIterable<readonly PieceOf<Operation>[]>;
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

/** Settles the call when its stream ends, however it does, and gives the frame that may leave only after that. */
const openEnding = <Operation extends OperationName>({ call, encoder, flushed }: StreamReply<Operation>) => {
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

/** The batches of a stream as texts, one at a time. What is not taken stays where it is. Never throws. */
const openSource = <Operation extends OperationName>(
  reply: StreamReply<Operation>,
  ending: ReturnType<typeof openEnding>,
) => {
  const iterator = reply.batches[Symbol.asyncIterator]();
  const read = async (): Promise<BodyStep> => {
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return { text: await ending.succeed(), last: true };
        const text = reply.encoder.encodeBatch(value);
        if (text !== "") return { text, last: false };
      }
    } catch (thrown) {
      const error = toGatewayError(thrown);
      reply.abort(error);
      return { text: await ending.fail(error), last: true };
    }
  };
  let reading: Promise<BodyStep> | undefined;
  return {
    /** Calls back with the next text, unless it was cancelled before; then the next caller gets that text. */
    next(onStep: (step: BodyStep) => void): () => void {
      let isCancelled = false;
      reading ??= read();
      void reading.then((step) => {
        if (isCancelled) return;
        reading = undefined;
        onStep(step);
      });
      return () => {
        isCancelled = true;
      };
    },
    /** Nothing more will be read. Not awaited: an upstream that stays silent must not hold us. */
    close(): void {
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    },
  };
};

/**
 * A stream as a body. One step is one batch, so a slow reader slows the upstream, and one that takes nothing is cut
 * off. A silent stream sends signs of life. The final frame is held back until the call is settled; a failure after
 * the first byte becomes an error event, never a clean end.
 */
export const streamBody = <Operation extends OperationName>(reply: StreamReply<Operation>): BodySource => {
  const { call, pacing } = reply;
  const ending = openEnding(reply);
  const source = openSource(reply, ending);
  /** Gives whoever waits its step. */
  let wake: ((step: BodyStep) => void) | undefined;
  const watch = watchStreaming({
    keepAliveMilliseconds: pacing.keepAliveMilliseconds,
    stalledMilliseconds: pacing.stalledMilliseconds,
    now: () => call.scope.elapsed(),
    onSilent: () => wake?.({ text: reply.keepAlive, last: false }),
    onStalled() {
      const limit = pacing.stalledMilliseconds;
      reply.abort(new GatewayError("client_closed_request", `The client took nothing of its answer for ${limit} ms.`));
      reply.cut();
    },
  });
  const onAbort = (): void => {
    watch.stop();
    // A client that goes while nothing is being read would otherwise be noticed by nobody.
    void ending.fail(toGatewayError(call.signal.reason)).then((text) => wake?.({ text, last: true }));
    source.close();
  };
  if (call.signal.aborted) onAbort();
  else call.signal.addEventListener("abort", onAbort, { once: true });
  const nextStep = (): Promise<BodyStep> =>
    new Promise((resolve) => {
      wake = (step) => {
        wake = undefined;
        cancel();
        if (step.last) end();
        else watch.given();
        resolve(step);
      };
      watch.awaited();
      const failed = call.signal.aborted ? ending.current() : undefined;
      const cancel = failed === undefined ? source.next((step) => wake?.(step)) : () => undefined;
      void failed?.then((text) => wake?.({ text, last: true }));
    });
  let isFirst = reply.begins === "alive";
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    watch.stop();
    call.signal.removeEventListener("abort", onAbort);
    reply.onEnd();
  };
  return {
    next() {
      if (!isFirst) return nextStep();
      isFirst = false;
      watch.given();
      return Promise.resolve({ text: reply.keepAlive, last: false });
    },
    async cancel() {
      const error = reply.clientGone();
      reply.abort(error);
      await ending.fail(error);
      end();
    },
  };
};

import type { Call } from "../core/call.ts";
import { type GatewayError, toGatewayError } from "../core/errors.ts";
import type { OperationName, PieceOf } from "../core/operations.ts";
import type { StreamEncoder } from "./codec.ts";

export interface StreamReply<Operation extends OperationName> {
  readonly call: Call<Operation>;
  readonly batches: AsyncIterable<readonly PieceOf<Operation>[]>;
  readonly encoder: StreamEncoder<PieceOf<Operation>>;
  /** Aborts the call: the upstream is closed before anything else is. */
  abort(error: GatewayError): void;
  readonly clientGone: () => GatewayError;
  readonly flushed: () => Promise<void> | undefined;
  /** Told once the last byte has been handed to the server, or the client has gone. */
  readonly onEnd: () => void;
}

/**
 * A stream as a body. One pull is one batch, so a slow reader slows the upstream. The final frame is held back until
 * the call is settled; a failure after the first byte becomes an error event, never a clean end.
 */
export const streamBody = <Operation extends OperationName>(reply: StreamReply<Operation>): ReadableStream<Uint8Array> => {
  const { call, encoder } = reply;
  const utf8 = new TextEncoder();
  const iterator = reply.batches[Symbol.asyncIterator]();
  /** Settles, and gives the frame that may leave only after that. */
  const conclude = async (failure: GatewayError | undefined): Promise<string> => {
    try {
      call.scope.finish(
        failure === undefined
          ? { outcome: "ok", status: 200 }
          : { outcome: failure.code === "client_closed_request" ? "aborted" : "error", status: failure.kind.status, error: failure },
      );
      await reply.flushed();
      return failure === undefined ? encoder.finish() : encoder.fail(failure);
    } catch (thrown) {
      return encoder.fail(toGatewayError(thrown));
    }
  };
  // A client that goes while nothing is being read would otherwise be noticed by nobody.
  call.signal.addEventListener("abort", () => void conclude(toGatewayError(call.signal.reason)), { once: true });
  const nextText = async (): Promise<{ text: string; last: boolean }> => {
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return { text: await conclude(undefined), last: true };
        const text = encoder.encodeBatch(value);
        if (text !== "") return { text, last: false };
      }
    } catch (thrown) {
      const error = toGatewayError(thrown);
      reply.abort(error);
      return { text: await conclude(error), last: true };
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { text, last } = await nextText();
        try {
          controller.enqueue(utf8.encode(text));
          if (last) controller.close();
        } catch {
          // The client went while this batch was made; `cancel` has settled or will.
        }
        if (last) reply.onEnd();
      },
      async cancel() {
        const error = reply.clientGone();
        reply.abort(error);
        await conclude(error);
        reply.onEnd();
      },
    },
    { highWaterMark: 0 },
  );
};

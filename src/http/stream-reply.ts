import type { Call } from "../core/call.ts";
import type { CallOutcome } from "../core/call-scope.ts";
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
export const streamBody = <Operation extends OperationName>(
  reply: StreamReply<Operation>,
): ReadableStream<Uint8Array> => {
  const { call, encoder } = reply;
  const utf8 = new TextEncoder();
  const iterator = reply.batches[Symbol.asyncIterator]();
  /** Settles, and gives the frame that may leave only after that. */
  const settle = async (outcome: CallOutcome, frame: string): Promise<string> => {
    call.scope.finish(outcome);
    await reply.flushed();
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
  // A client that goes while nothing is being read would otherwise be noticed by nobody.
  call.signal.addEventListener("abort", () => void fail(toGatewayError(call.signal.reason)), { once: true });
  const nextText = async (): Promise<{ text: string; last: boolean }> => {
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return { text: await succeed(), last: true };
        const text = encoder.encodeBatch(value);
        if (text !== "") return { text, last: false };
      }
    } catch (thrown) {
      const error = toGatewayError(thrown);
      reply.abort(error);
      return { text: await fail(error), last: true };
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
        await fail(error);
        reply.onEnd();
      },
    },
    { highWaterMark: 0 },
  );
};

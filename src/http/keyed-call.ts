import type { Call } from "../core/call.ts";
import type { Caller } from "../core/caller.ts";
import type { OperationName, PieceOf } from "../core/operations.ts";
import type { ServerReply } from "../core/ports/http-server.ts";
import type { HeldKey, KeyClaim } from "../core/ports/idempotency.ts";
import type { StreamEncoder } from "./codec.ts";
import type { Incoming } from "./open-call.ts";
import { idHeaders } from "./reply-headers.ts";

/** What the request's `Idempotency-Key` gives; undefined, at once, without the header. Throws as the port does. */
export const claimKey = (
  { edge, request, id, path }: Incoming,
  { caller, body }: { caller: Caller; body: string },
): Promise<KeyClaim | undefined> | undefined => {
  const key = request.headers.get("idempotency-key");
  return key === null ? undefined : edge.idempotency?.claim({ key, caller, callId: id, path, body });
};

/** A saved answer, byte for byte, under a request id of its own. Nothing was called and nothing is charged. */
export const replay = ({ id }: Incoming, { answer, callId }: KeyClaim & { kind: "saved" }): ServerReply => ({
  status: answer.status,
  headers: {
    "content-type": answer.contentType,
    ...(answer.contentType.startsWith("text/event-stream") ? { "cache-control": "no-cache" } : {}),
    ...idHeaders(id, undefined),
    "x-intellirouter-replayed-from": callId,
    "x-intellirouter-attempts": "0",
    "x-intellirouter-cost": "0",
  },
  body: answer.body,
});

interface Recording<Operation extends OperationName> {
  readonly call: Call<Operation>;
  readonly encoder: StreamEncoder<PieceOf<Operation>>;
  /** Resolves when the settlement is as durable as it should be. */
  readonly flushed: () => Promise<void> | undefined;
  readonly held: HeldKey;
  readonly contentType: string;
}

/**
 * The stream's encoder and `flushed`, with all that the client gets written down. `flushed` stands between the
 * settlement and the last frame, so that is where the key's use ends: a client that saw the end finds the answer.
 */
export const recordStream = <Operation extends OperationName>(
  recording: Recording<Operation>,
): Pick<Recording<Operation>, "encoder" | "flushed"> => {
  const { call, encoder, held, contentType } = recording;
  let texts: string[] = [];
  let length = 0;
  let isWhole = false;
  const note = (text: string): string => {
    length += text.length;
    // No text is longer than its bytes, so what is too long now will not be kept.
    if (length > held.maxStoredBytes) texts = [];
    else texts.push(text);
    return text;
  };
  return {
    encoder: {
      encodeBatch: (pieces) => note(encoder.encodeBatch(pieces)),
      finish() {
        const text = note(encoder.finish());
        isWhole = true;
        return text;
      },
      fail(error) {
        // A call that is settled by now ended well, and only its last frame could not be sent.
        if (!call.scope.isFinished) isWhole = false;
        return encoder.fail(error);
      },
    },
    async flushed() {
      await recording.flushed();
      if (!isWhole) return held.release();
      const isKept = length <= held.maxStoredBytes;
      await held.save(isKept ? { status: 200, contentType, body: Buffer.from(texts.join("")) } : undefined);
    },
  };
};

import type { Dialect } from "../core/chat.ts";
import type { GatewayError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { OperationName, PieceOf, RequestOf, WholeOf } from "../core/operations.ts";

/** What the encoder of an answer may need beside the answer. */
export interface AnswerContext<Operation extends OperationName> {
  readonly callId: string;
  /** Seconds since 1970, used where the upstream gave none. */
  readonly created: number;
  /** The model that was asked, used where the upstream names none. */
  readonly model: string;
  readonly request: RequestOf<Operation>;
}

/** Writes one stream in the client's dialect; holds that stream's state. */
export interface StreamEncoder<Piece> {
  /** The text for a batch; may be empty. */
  encodeBatch(pieces: readonly Piece[]): string;
  /** What ends a whole answer. The caller settles the bill before it writes this. */
  finish(): string;
  /** What ends an answer that failed: never to be taken for success. */
  fail(error: GatewayError): string;
}

/** One operation in one client dialect, at the edge. Pure. */
export interface Codec<Operation extends OperationName> {
  readonly operation: Operation;
  readonly dialect: Dialect;
  /** Throws GatewayError with the path of what is wrong. */
  parse(body: JsonObject): RequestOf<Operation>;
  /** Tokens of the request, estimated. */
  estimateInputTokens(request: RequestOf<Operation>): number;
  /** JSON text of a whole answer. */
  encodeWhole(value: WholeOf<Operation>, context: AnswerContext<Operation>): string;
  openStream?(context: AnswerContext<Operation>): StreamEncoder<PieceOf<Operation>>;
  /** The body of an error reply; its status is that of the error's kind unless given. */
  encodeError(error: GatewayError, requestId: string): { readonly status: number; readonly body: string };
}

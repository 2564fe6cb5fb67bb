import type { ChatRequest } from "./chat.ts";
import type { Embeddings, EmbeddingsRequest } from "./embeddings.ts";
import type { Chunk, Completion } from "./reply.ts";
import type { TextCompletion, TextCompletionRequest } from "./text-completion.ts";

/** What clients can ask for: the request, the whole answer, and the pieces of a streamed one. */
export interface Operations {
  chat: { request: ChatRequest; whole: Completion; piece: Chunk };
  embeddings: { request: EmbeddingsRequest; whole: Embeddings; piece: never };
  textCompletion: { request: TextCompletionRequest; whole: TextCompletion; piece: Chunk };
}
export type OperationName = keyof Operations;
export type RequestOf<Operation extends OperationName> = Operations[Operation]["request"];
export type WholeOf<Operation extends OperationName> = Operations[Operation]["whole"];
export type PieceOf<Operation extends OperationName> = Operations[Operation]["piece"];

import type { AssistantPart, Dialect, ProviderData } from "./chat.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Usage } from "./usage.ts";

/** Why the model stopped. `toolCalls`: it waits for results; `refusal`: it declined; `pause`: ask again to go on. */
export type FinishReason = "stop" | "length" | "toolCalls" | "contentFilter" | "refusal" | "pause";

/** One alternative of a whole answer. */
export interface Choice {
  readonly index: number;
  readonly content: readonly AssistantPart[];
  readonly finishReason: FinishReason;
  /** The stop sequence that ended it, where the provider says so. */
  readonly stopSequence?: string;
  /** Log-probabilities in OpenAI's form. */
  readonly logprobs?: JsonValue;
  /** Unknown fields of the message, by the dialect that they came in. */
  readonly extra?: Extra;
}
/** Fields that the internal form has no name for, by the dialect that they came in. */
export interface Extra {
  readonly dialect: Dialect;
  readonly fields: JsonObject;
}

/** A piece of an answer as it came, from an upstream that keeps to its dialect's schema: a client of it may get it so. */
export interface AsSent {
  readonly dialect: Dialect;
  /** Whether it has the field that says that usage is still to come. */
  readonly hasUsage: boolean;
  readonly text: string;
}

/** A whole answer to a chat request. Whoever copies it names `choices`: it may be read when asked for, and not be spread. */
export interface Completion {
  /** The upstream's id; the edge makes one where it is empty. */
  readonly id: string;
  /** Seconds since 1970; 0 where the upstream does not say. */
  readonly created: number;
  /** The model that really answered, as the upstream names it. */
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly extra?: Extra;
  /** The dialect whose schema the answer is in as it came; absent where it must be written again. */
  readonly conformsTo?: Dialect;
}

/**
 * One event of a streamed answer. Order: one `start`, then deltas, one `finish` per choice, at most one `usage`.
 * Of a tool call, the first delta of each `toolIndex` carries id and name.
 */
export type Chunk =
  | {
      readonly type: "start";
      readonly id: string;
      readonly created: number;
      readonly model: string;
      readonly extra?: Extra;
    }
  | {
      readonly type: "text";
      readonly choice: number;
      readonly text: string;
      readonly logprobs?: JsonValue;
      /** The event's data, where it holds this text and nothing else, under the head that the last `start` told. */
      readonly asSent?: AsSent;
    }
  | { readonly type: "reasoning"; readonly choice: number; readonly text: string; readonly providerData?: ProviderData }
  | { readonly type: "refusal"; readonly choice: number; readonly text: string; readonly logprobs?: JsonValue }
  | {
      readonly type: "toolCall";
      readonly choice: number;
      /** Position of this call among the choice's calls, from 0, without gaps. */
      readonly toolIndex: number;
      readonly id?: string;
      readonly name?: string;
      /** The next piece of the arguments' JSON text. */
      readonly arguments: string;
      readonly providerData?: ProviderData;
    }
  /** A part, or fields of a choice's message, that only one dialect understands. */
  | { readonly type: "opaque"; readonly choice: number; readonly extra: Extra }
  /** What was sent of the answer so far is void: another one follows, from its beginning. Only where a route permits it. */
  | { readonly type: "restart"; readonly choice: number; readonly reason: string }
  | { readonly type: "finish"; readonly choice: number; readonly reason: FinishReason; readonly stopSequence?: string }
  | { readonly type: "usage"; readonly usage: Usage };

/** True for the chunks after which a stream counts as begun. */
export const isContent = (chunk: Chunk): boolean =>
  ((chunk.type === "text" || chunk.type === "reasoning" || chunk.type === "refusal") && chunk.text !== "") ||
  chunk.type === "toolCall" ||
  chunk.type === "opaque";

import type { JsonValue } from "./json.ts";
import type { Extra, FinishReason } from "./reply.ts";
import type { Usage } from "./usage.ts";

/** A request for the older text completion: prompts instead of messages. */
export interface TextCompletionRequest {
  readonly model: string;
  readonly prompt: readonly string[] | readonly (readonly number[])[];
  readonly suffix?: string;
  readonly echo?: boolean;
  readonly bestOf?: number;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly n?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly logprobs?: number;
  readonly user?: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly extra?: Extra;
}

export interface TextChoice {
  readonly index: number;
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly logprobs?: JsonValue;
}

/** A whole answer to a text completion. Streamed answers use the chat's chunks, with text deltas only. */
export interface TextCompletion {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly TextChoice[];
  readonly usage?: Usage;
}

import type { Prefill } from "./prefill.ts";

/** Kinds of content part beside text that a server may read. */
export type MediaKind = "image" | "audio" | "file";

/** Where a server of this family keeps a model's reasoning in a message. */
export type ReasoningPlace = "reasoning_content" | "reasoning" | "thinking-part" | "nowhere";

/** How a server that speaks OpenAI's wire format departs from it. Data only: one translator serves them all. */
export interface Quirks {
  /** Names that the limit on output tokens may have; the first one is written. */
  readonly maxTokensFields: readonly ("max_tokens" | "max_completion_tokens")[];
  /** `accepted`: usage of a stream must be asked for; `refused`: it comes unasked, and asking is an error. */
  readonly streamOptions: "accepted" | "refused";
  /** Where reasoning stands in assistant messages that are sent back. Replies are read in every known form. */
  readonly reasoning: ReasoningPlace;
  /** `field`: `reasoning_effort`; `object`: `reasoning: {effort, max_tokens}` (OpenRouter). */
  readonly reasoningRequest: "field" | "object";
  /** `unknown`: written as `system`. */
  readonly developerRole: "known" | "unknown";
  /** `unknown`: a refusal in the history is written as text. */
  readonly refusals: "known" | "unknown";
  /** Top-level request fields that the server refuses or ignores, in OpenAI's names. */
  readonly refuses: readonly string[];
  /** Fields that the server refuses though they do not change the answer; they are left out. */
  readonly omits: readonly string[];
  /** The same as `refuses`, for models known to reason. */
  readonly reasoningModelsRefuse: readonly string[];
  /** Top-level fields that have another name here: OpenAI's name → the server's. */
  readonly renames: Readonly<Record<string, string>>;
  readonly messageNames: "accepted" | "refused";
  /** Most choices that one request may ask for; absent means no limit of its own. */
  readonly maxChoices?: number;
  readonly media: readonly MediaKind[];
  /** Where images and files may stand beside user messages. */
  readonly toolResultMedia: "accepted" | "refused";
  readonly fileUrls: "accepted" | "refused";
  /** `accepted`: Anthropic's `cache_control` may stand in content parts. */
  readonly cacheMarkers: "accepted" | "unknown";
  readonly responseFormats: readonly ("json" | "schema")[];
  /** `nine-alphanumeric`: ids of tool calls are rewritten to nine letters and digits (Mistral). */
  readonly toolCallIds: "any" | "nine-alphanumeric";
  /** Reasoning tokens are counted beside `completion_tokens`, not within them. */
  readonly reasoningTokens: "within" | "beside";
  /** Prompts and inputs may be arrays of token numbers. */
  readonly tokenInputs: "accepted" | "refused";
  readonly embeddings: "served" | "absent";
  readonly textCompletion: "served" | "absent";
  /** Absent where it is not known that the server goes on with a begun answer. */
  readonly prefill?: Prefill | undefined;
  readonly modelsPath: string;
  /** Headers that go with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** OpenAI's own form, and what is taken where nothing else is known. */
export const openaiQuirks: Quirks = {
  maxTokensFields: ["max_completion_tokens"],
  streamOptions: "accepted",
  reasoning: "nowhere",
  reasoningRequest: "field",
  developerRole: "known",
  refusals: "known",
  refuses: ["top_k"],
  omits: [],
  reasoningModelsRefuse: [],
  renames: {},
  messageNames: "accepted",
  media: ["image", "audio", "file"],
  toolResultMedia: "refused",
  fileUrls: "refused",
  cacheMarkers: "unknown",
  responseFormats: ["json", "schema"],
  toolCallIds: "any",
  reasoningTokens: "within",
  tokenInputs: "accepted",
  embeddings: "served",
  textCompletion: "served",
  modelsPath: "/models",
  headers: {},
};

/** What a translator of this family is made from. */
export interface Dialogue {
  /** The provider's name in the configuration. */
  readonly provider: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly quirks: Quirks;
}

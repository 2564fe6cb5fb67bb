import type { JsonObject, JsonValue } from "./json.ts";

/**
 * What a part or message carries that only one dialect understands (cache markers, signatures, encrypted reasoning),
 * keyed by dialect. A translator of that dialect writes it back; others leave it.
 */
export type ProviderData = Readonly<Partial<Record<Dialect, JsonObject>>>;

/** A family of wire formats. */
export type Dialect = "openai" | "anthropic" | "gemini" | "ollama" | "cohere";

interface Carrier {
  readonly providerData?: ProviderData;
}

export interface TextPart extends Carrier {
  readonly type: "text";
  readonly text: string;
}
/** Where binary content is: at a URL, or inline as base64. */
export type MediaSource =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly kind: "file"; readonly fileId: string };
export interface ImagePart extends Carrier {
  readonly type: "image";
  readonly source: MediaSource;
  readonly detail?: "auto" | "low" | "high" | "original";
}
export interface AudioPart extends Carrier {
  readonly type: "audio";
  readonly format: string;
  /** Base64. */
  readonly data: string;
}
export interface FilePart extends Carrier {
  readonly type: "file";
  readonly source: MediaSource;
  readonly filename?: string;
}
export interface RefusalPart extends Carrier {
  readonly type: "refusal";
  readonly text: string;
}
/** A model's reasoning. Signatures and encrypted forms stand in `providerData`. */
export interface ReasoningPart extends Carrier {
  readonly type: "reasoning";
  readonly text: string;
}
export interface ToolCallPart extends Carrier {
  readonly type: "toolCall";
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: JSON text, not yet known to be valid. */
  readonly arguments: string;
}
/** Something that only the named dialect understands; other dialects refuse a request that holds one. */
export interface OpaquePart {
  readonly type: "opaque";
  readonly dialect: Dialect;
  readonly value: JsonObject;
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart | OpaquePart;
export type AssistantPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart | OpaquePart;

export interface InstructionMessage extends Carrier {
  readonly role: "system" | "developer";
  readonly content: readonly TextPart[];
  readonly name?: string;
}
export interface UserMessage extends Carrier {
  readonly role: "user";
  readonly content: readonly UserPart[];
  readonly name?: string;
}
export interface AssistantMessage extends Carrier {
  readonly role: "assistant";
  readonly content: readonly AssistantPart[];
  readonly name?: string;
}
/** The result of one tool call. */
export interface ToolMessage extends Carrier {
  readonly role: "tool";
  readonly toolCallId: string;
  readonly content: readonly UserPart[];
  readonly isError?: boolean;
}
export type Message = InstructionMessage | UserMessage | AssistantMessage | ToolMessage;

/** A function that the model may call. */
export interface FunctionTool extends Carrier {
  readonly type: "function";
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; absent means no arguments. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
}
/** A tool that only the named dialect knows (a provider's web search, a custom grammar …). */
export interface OpaqueTool {
  readonly type: "opaque";
  readonly dialect: Dialect;
  readonly value: JsonObject;
}
export type Tool = FunctionTool | OpaqueTool;
export type ToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "opaque"; readonly dialect: Dialect; readonly value: JsonValue };

export type ResponseFormat =
  | { readonly kind: "text" }
  | { readonly kind: "json" }
  | {
      readonly kind: "schema";
      readonly name: string;
      readonly schema: JsonObject;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** How much the model should reason: an effort by name, a budget of tokens, or both. */
export interface Reasoning {
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
  readonly budgetTokens?: number;
}

/** A chat request in our own form: a superset of the dialects. An absent field means the provider's default. */
export interface ChatRequest {
  /** What the client asked for, as written; the target's own name is used upstream. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  /** How many choices; absent means 1. */
  readonly n?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: Reasoning;
  /** The end user, as the client names them. */
  readonly user?: string;
  readonly metadata?: JsonObject;
  readonly stream: boolean;
  /**
   * The last message is the beginning of the assistant's own answer, and the model is to go on from it. Set only for
   * targets whose translator says that they do (`prefill`).
   */
  readonly continueFinal?: true;
  /** Whether the client wants to see a usage chunk at the end of a stream. */
  readonly includeUsage: boolean;
  /**
   * Top-level fields that the internal form has no name for, by the dialect that they came in. They are passed on to
   * targets of that dialect; a target of another dialect ignores those it cannot know.
   */
  readonly extra?: { readonly dialect: Dialect; readonly fields: JsonObject };
}

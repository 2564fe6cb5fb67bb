import type { Price } from "./money.ts";
import type { TargetTimeouts } from "./timeouts.ts";

export type Modality = "text" | "image" | "audio" | "video" | "pdf";

/** How good a model's answers are, roughly; worst first. */
export const qualityTiers = ["basic", "good", "high", "exceptional"] as const;
export type QualityTier = (typeof qualityTiers)[number];

export const modelSpeeds = ["slow", "medium", "fast"] as const;
export type ModelSpeed = (typeof modelSpeeds)[number];

/** What is known of a model. An absent fact is unknown: it neither admits nor excludes the model. */
export interface ModelFacts {
  readonly name?: string;
  readonly family?: string;
  /** Tokens that prompt and answer may fill together. */
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly inputModalities?: readonly Modality[];
  readonly outputModalities?: readonly Modality[];
  readonly tools?: boolean;
  readonly reasoning?: boolean;
  readonly structuredOutput?: boolean;
  /** Whether the model takes a temperature. */
  readonly temperature?: boolean;
  /** Serves embeddings rather than chat. */
  readonly embeddings?: boolean;
  readonly price?: Price;
  readonly openWeights?: boolean;
  readonly knowledge?: string;
  readonly releaseDate?: string;
  readonly tags?: readonly string[];
  readonly region?: string;
  /** Absent: as `qualityOf` reckons it from the other facts. */
  readonly qualityTier?: QualityTier;
  /** Absent: as `speedOf` reckons it. */
  readonly speed?: ModelSpeed;
  /** Kinds of task that it is known to do well, in words of one's own. */
  readonly bestFor?: readonly string[];
  /** ISO date of these facts, and where they come from. */
  readonly asOf?: string;
  readonly source?: "catalogue" | "configuration" | "admin" | "upstream";
}

/** One place that a call can go: a configured provider and the model name to ask it for. */
export interface Target {
  /** `provider/model`, unique. */
  readonly id: string;
  readonly provider: string;
  /** The provider's kind (`openai`, `ollama` …). */
  readonly kind: string;
  /** The name that the provider knows the model by. */
  readonly model: string;
  readonly facts: ModelFacts;
  /** Deadlines of its own within a route. */
  readonly timeouts?: TargetTimeouts;
}

/** The id of a target, as clients may write it in `model`. */
export const targetId = (provider: string, model: string): string => `${provider}/${model}`;

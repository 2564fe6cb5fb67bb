import type { Extra } from "./reply.ts";
import type { Usage } from "./usage.ts";

/** A request for embeddings: texts, or texts already cut into token numbers. */
export interface EmbeddingsRequest {
  readonly model: string;
  readonly input: readonly string[] | readonly (readonly number[])[];
  readonly dimensions?: number;
  /** How the client wants to see the numbers; upstream they are always asked for as floats. */
  readonly encodingFormat: "float" | "base64";
  readonly user?: string;
  readonly extra?: Extra;
}

/** One vector per input, in the order of the inputs. */
export interface Embeddings {
  readonly model: string;
  readonly vectors: readonly (readonly number[])[];
  readonly usage?: Usage;
}

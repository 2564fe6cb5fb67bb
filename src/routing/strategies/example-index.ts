import { featuresOf } from "../learned/features/features-of.ts";
import { type PromptFeatures, wordBuckets } from "../learned/features/prompt-features.ts";

/** Words tell more than pieces of them, of which a text has many more. */
const gramShare = 0.4;

/** What questions of any kind begin with and consist of; few examples cannot show how common that is. */
const commonplaces = `what is the. what are the. how do i. how to. how can i. why does. why is. where is. when did. who is.
can you. could you. please. tell me. give me. i want. i would like. i have. is there. does it. of the. in the. for the.
to the. on a. is a. with a. and the. this. that. these. my. your. it. an. be. are. was. not. or. from. by. at. as.`;
const commonShare = 0.3;
const common: ReadonlySet<number> = new Set(featuresOf(commonplaces).indices);

interface Posting {
  readonly example: number;
  /** Of the example's vector, whose length is 1. */
  readonly weight: number;
}

/** Texts by their hashed words and 4-grams, to find the one that is most like another text. */
export class ExampleIndex {
  readonly #postings = new Map<number, Posting[]>();
  readonly #weights: ReadonlyMap<number, number>;
  /** Weight of what stands in no example. */
  readonly #unseen: number;
  readonly #likeness: Float64Array;

  constructor(texts: readonly string[]) {
    const all = texts.map(featuresOf);
    const frequencies = new Map<number, number>();
    for (const { indices } of all)
      for (const index of indices) frequencies.set(index, (frequencies.get(index) ?? 0) + 1);
    // Inverse document frequency (Spärck Jones, 1972): what stands in many examples tells little.
    const weightOf = (frequency: number): number => Math.log((texts.length + 1) / (frequency + 0.5));
    this.#weights = new Map([...frequencies].map(([index, frequency]) => [index, weightOf(frequency)]));
    // It only makes the text longer, and so less alike; less so than if it were as rare as it seems.
    this.#unseen = weightOf(0) / 2;
    this.#likeness = new Float64Array(texts.length);
    for (const [example, features] of all.entries()) this.#add(features, example);
  }

  #weight({ indices, values }: PromptFeatures, at: number): number {
    const index = indices[at] as number;
    const share = (index < wordBuckets ? 1 : gramShare) * (common.has(index) ? commonShare : 1);
    return (values[at] as number) * (this.#weights.get(index) ?? this.#unseen) * share;
  }

  #length(features: PromptFeatures): number {
    let sum = 0;
    for (let at = 0; at < features.indices.length; at++) sum += this.#weight(features, at) ** 2;
    return Math.sqrt(sum);
  }

  #add(features: PromptFeatures, example: number): void {
    const length = this.#length(features);
    if (length === 0) return;
    for (let at = 0; at < features.indices.length; at++) {
      const index = features.indices[at] as number;
      const posting = { example, weight: this.#weight(features, at) / length };
      const postings = this.#postings.get(index);
      if (postings === undefined) this.#postings.set(index, [posting]);
      else postings.push(posting);
    }
  }

  /** The example that is most like a text, with their cosine, 0–1; `-1` where none has anything in common with it. */
  nearest(text: string): { readonly example: number; readonly likeness: number } {
    const features = featuresOf(text);
    const length = this.#length(features);
    const likeness = this.#likeness.fill(0);
    for (let at = 0; at < features.indices.length; at++) {
      const postings = this.#postings.get(features.indices[at] as number);
      if (postings === undefined) continue;
      const weight = this.#weight(features, at);
      for (const posting of postings)
        likeness[posting.example] = (likeness[posting.example] as number) + weight * posting.weight;
    }
    let best = { example: -1, likeness: 0 };
    for (let example = 0; example < likeness.length; example++) {
      const cosine = (likeness[example] as number) / length;
      if (cosine > best.likeness) best = { example, likeness: cosine };
    }
    return best;
  }
}

import type { Target } from "../../../core/model.ts";
import { featuresOf } from "../features/features-of.ts";
import { qualityOf } from "../online/logits.ts";
import type { Prior } from "../prior.ts";
import { fittedMapping } from "./fitted.ts";
import { type MappingStep, openMapping } from "./map-model.ts";
import { samplePrompts } from "./sample-prompts.ts";

/** What the shipped prior thinks of a target before anything was learned of it. */
export interface DescribedTarget {
  readonly target: string;
  readonly step: MappingStep;
  /** The model of the labelled sets that it is judged by, and how much of that counts (0–1). */
  readonly like?: string;
  readonly share: number;
  /** Quality over that of `like`, or of a model in the middle of all, in logits. */
  readonly shift: number;
  /** Standard deviation of what is expected, in logits: how far the target may lie from it on other work. */
  readonly deviation: number;
  /** Probability of a good answer to prompts of each kind, 0–1, with the ends of its 90 % interval. */
  readonly quality: Readonly<
    Record<string, { readonly expected: number; readonly lower: number; readonly upper: number }>
  >;
}

/** Standard deviations to the ends of a 90 % interval. */
const shown = 1.645;

const mapModel = openMapping(fittedMapping);

/** What a prior says of a target, on sample prompts of each kind. */
export const describeTarget = (prior: Prior, target: Target): DescribedTarget => {
  const { step, like, share, shift, variance } = mapModel(target);
  const kinds = Object.entries(samplePrompts).map(([kind, prompts]) => {
    const logits = prompts.map((prompt) => prior.look(featuresOf(prompt), prompt).of(target).logit);
    const mean = logits.reduce((sum, one) => sum + one, 0) / logits.length;
    const { quality: expected, lower, upper } = qualityOf(mean, variance, shown);
    return [kind, { expected, lower, upper }] as const;
  });
  return {
    ...{ target: target.id, step, ...(like === undefined ? {} : { like }), share, shift },
    ...{ deviation: Math.sqrt(variance), quality: Object.fromEntries(kinds) },
  };
};

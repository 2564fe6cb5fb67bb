import type { Target } from "../../core/model.ts";
import type { PromptFeatures } from "./features/prompt-features.ts";
import { logit } from "./online/logits.ts";
import type { Spread } from "./online/quality-posterior.ts";

/** What is expected of a target before anything was learned from use. */
export interface PriorQuality {
  /** Quality in logits, and the terms that it is the sum of. */
  readonly logit: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Tokens of the answer; absent: not known. */
  readonly outputTokens?: number;
}

/** What a prior says of one prompt. */
export interface PriorView {
  of(target: Target): PriorQuality;
}

/** Where the learned router starts from. */
export interface Prior {
  readonly version: string;
  /** How far use may lie from it. */
  readonly spread: Spread;
  look(features: PromptFeatures, text: string): PriorView;
}

/** Quality that is expected of a model without any facts, and how much a tenfold price adds, in logits. */
const usualLogit = logit(0.65);
const perTenfoldPrice = 0.35;
/** Price of an answer (USD per million tokens) that stands for the usual quality. */
const usualPrice = 2;

/** What the price says: dearer models are thought somewhat better. A weak prior, which use soon overrules. */
export const factsPrior: Prior = {
  version: "facts-1",
  spread: { all: 0.5, target: 0.6, cluster: 1.2 },
  look: () => ({
    of({ facts }) {
      const price = facts.price?.output;
      const fromPrice =
        price === undefined || price <= 0
          ? 0
          : Math.max(-0.7, Math.min(0.7, perTenfoldPrice * Math.log10(price / usualPrice)));
      return { logit: usualLogit + fromPrice, terms: { usual: usualLogit, price: fromPrice } };
    },
  }),
};

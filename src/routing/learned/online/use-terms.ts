import type { ExpectedAction } from "../../../core/decision.ts";
import { logit, sigmoid } from "./logits.ts";

/** Terms of a quality that were learned from use; all others are the prior's. */
export const useTerms = { rewards: "rewards", neighbours: "like prompts" } as const;

/** Quality that the prior alone expected of an action: what corrections are learned against. */
export const priorQualityOf = ({ terms, quality }: Pick<ExpectedAction, "terms" | "quality">): number => {
  if (terms === undefined) return sigmoid(logit(quality));
  let sum = 0;
  for (const [name, part] of Object.entries(terms))
    if (name !== useTerms.rewards && name !== useTerms.neighbours) sum += part;
  return sigmoid(sum);
};

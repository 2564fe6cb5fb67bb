import type { Clusters } from "./clusters.ts";
import type { CostHeads } from "./costs.ts";
import type { Familiarity } from "./familiarity.ts";
import type { Heads } from "./heads.ts";
import type { NeighbourIndex } from "./neighbours.ts";
import type { Outcomes } from "./outcomes.ts";
import type { FeatureSpace } from "./space.ts";

/** Terms that add to a model's prior, in logits. */
export const termNames = ["cluster", "shared", "own", "neighbours"] as const;
export const termCount = termNames.length;

/** All that training leaves behind. */
export interface RouterModel {
  readonly models: readonly string[];
  readonly space: FeatureSpace;
  readonly clusters: Clusters;
  /** Term 1: logit of each model's mean quality, shrunk. */
  readonly priors: Float32Array;
  /** Outcomes of each model that were learned from. */
  readonly counts: Float32Array;
  /** Term 2, `[cluster · models + model]`: logits over the prior; and outcomes of each cluster and model. */
  readonly clusterTerms: Float32Array;
  readonly clusterCounts: Float32Array;
  /** Term 3, and the models' own heads. */
  readonly heads: Heads;
  /** Term 4: stored prompts; their labels are in `outcomes`. */
  readonly neighbours: NeighbourIndex;
  /** Weight of each term. */
  readonly weights: Float32Array;
  /** Shift and slope of each model's logit. */
  readonly calibration: Float32Array;
  readonly costs: CostHeads;
  readonly familiarity: Familiarity;
  readonly outcomes: Outcomes;
}

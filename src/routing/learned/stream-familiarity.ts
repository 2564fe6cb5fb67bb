import type { RouterModel } from "./router-model.ts";

/**
 * Watches how familiar the prompts of a stream (or of a whole file) are, cluster by cluster. One prompt of an unknown
 * domain may look familiar; many of them do not: where a cluster's prompts are on average less familiar than its training
 * prompts were, none of them is trusted.
 */
export interface StreamFamiliarity {
  observe(cluster: number, trust: number): void;
  /** 1: the stream is as the training prompts were; 0: nothing learned is to be trusted in this cluster. */
  confidence(cluster: number): number;
}

/** Prompts that a cluster's mean must outweigh; and about how many of the newest count. */
const shrinkage = 20;
const remembered = 400;
/** How far the mean trust may fall at no loss of confidence, and how far until none is left. */
const tolerated = 0.08;
const fatal = 0.3;

/** Mean trust of each cluster's training prompts, shrunk to the mean of all. */
const usualTrust = ({ outcomes, clusters }: RouterModel): Float64Array => {
  const sums = new Float64Array(clusters.count);
  const counts = new Float64Array(clusters.count);
  let all = 0;
  for (const [row, cluster] of outcomes.cluster.entries()) {
    const trust = outcomes.trust[row] as number;
    sums[cluster] = (sums[cluster] as number) + trust;
    counts[cluster] = (counts[cluster] as number) + 1;
    all += trust;
  }
  const mean = all / Math.max(1, outcomes.cluster.length);
  return sums.map((sum, at) => (sum + shrinkage * mean) / ((counts[at] as number) + shrinkage));
};

export const openStreamFamiliarity = (model: RouterModel): StreamFamiliarity => {
  const usual = usualTrust(model);
  const sums = new Float64Array(usual.length);
  const counts = new Float64Array(usual.length);
  return {
    observe: (cluster, trust) => {
      const fade = 1 - 1 / remembered;
      sums[cluster] = (sums[cluster] as number) * fade + trust;
      counts[cluster] = (counts[cluster] as number) * fade + 1;
    },
    confidence: (cluster) => {
      const expected = usual[cluster] as number;
      const seen = ((sums[cluster] as number) + shrinkage * expected) / ((counts[cluster] as number) + shrinkage);
      return Math.max(0, Math.min(1, 1 - (expected - seen - tolerated) / (fatal - tolerated)));
    },
  };
};

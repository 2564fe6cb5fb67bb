import { usualShare } from "./familiarity.ts";

/**
 * Watches how familiar the prompts of a stream (or of a whole file) are, in each cluster and over all. One prompt of an
 * unknown domain may look familiar; many of them do not: where clearly more prompts are unusual than among the training
 * prompts, none of them is trusted.
 */
export interface StreamFamiliarity {
  observe(cluster: number, kind: "usual" | "unusual"): void;
  /** 1: the stream is as the training prompts were; 0: nothing learned is to be trusted in this cluster. */
  confidence(cluster: number): number;
}

/** Prompts that a mean must outweigh; and about how many of the newest count. */
const shrinkage = 20;
const remembered = 400;
/** How far the share of usual prompts may fall at no loss of confidence, and how far until none is left. */
interface Fall {
  readonly tolerated: number;
  readonly fatal: number;
}
const clusterFall: Fall = { tolerated: 0.15, fatal: 0.3 };
const overallFall: Fall = { tolerated: 0.07, fatal: 0.2 };

export const openStreamFamiliarity = (clusters: number): StreamFamiliarity => {
  // The last one is all of them.
  const sums = new Float64Array(clusters + 1);
  const counts = new Float64Array(clusters + 1);
  const fade = 1 - 1 / remembered;
  const confidenceIn = (place: number, { tolerated, fatal }: Fall): number => {
    const seen = ((sums[place] as number) + shrinkage * usualShare) / ((counts[place] as number) + shrinkage);
    return Math.max(0, Math.min(1, 1 - (usualShare - seen - tolerated) / (fatal - tolerated)));
  };
  return {
    observe: (cluster, kind) => {
      for (const place of [cluster, clusters]) {
        sums[place] = (sums[place] as number) * fade + (kind === "usual" ? 1 : 0);
        counts[place] = (counts[place] as number) * fade + 1;
      }
    },
    confidence: (cluster) => Math.min(confidenceIn(cluster, clusterFall), confidenceIn(clusters, overallFall)),
  };
};

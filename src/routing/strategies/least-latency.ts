import type { Strategy } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

/** The target whose first content came soonest of late. One that was never called is tried first, to learn its pace. */
export const leastLatency: Strategy = {
  kind: "least-latency",
  rank: (candidates, _call, features) =>
    byScore(
      candidates.map((candidate) => {
        const latency = features.load(candidate.target.id).latencyMilliseconds;
        return latency === undefined
          ? { candidate, score: 0, reason: "latency not known yet" }
          : { candidate, score: -latency, reason: `first content after ${latency.toFixed(0)} ms on average` };
      }),
    ),
};

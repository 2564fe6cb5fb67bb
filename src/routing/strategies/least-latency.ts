import type { ListStrategy } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

/** The reasons for the shortest latencies: nearly every call has one of them in its record. */
const reasons: string[] = [];
const remembered = 2_000;

const reasonOf = (milliseconds: number): string => {
  if (milliseconds >= remembered) return `first content after ${milliseconds} ms on average`;
  reasons[milliseconds] ??= `first content after ${milliseconds} ms on average`;
  return reasons[milliseconds];
};

/** The target whose first content came soonest of late. One that was never called is tried first, to learn its pace. */
export const leastLatency: ListStrategy = {
  kind: "least-latency",
  rank: (candidates, _call, features) =>
    byScore(
      candidates.map((candidate) => {
        const latency = features.load(candidate.target.id).latencyMilliseconds;
        return latency === undefined
          ? { candidate, score: 0, reason: "latency not known yet" }
          : { candidate, score: -latency, reason: reasonOf(Math.round(latency)) };
      }),
    ),
};

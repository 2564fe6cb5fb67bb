import type { ListStrategy } from "../../core/ports/strategy.ts";
import { byScore } from "./by-score.ts";

/** The target with the fewest calls in flight from this process. */
export const leastBusy: ListStrategy = {
  kind: "least-busy",
  rank: (candidates, _call, features) =>
    byScore(
      candidates.map((candidate) => {
        const { inFlight } = features.load(candidate.target.id);
        return { candidate, score: inFlight === 0 ? 0 : -inFlight, reason: `${inFlight} calls in flight` };
      }),
    ),
};

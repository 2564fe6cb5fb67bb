import type { ListStrategy } from "../../core/ports/strategy.ts";
import { drawOrder } from "./draw-order.ts";

/** The first target is drawn in proportion to its weight, the next from the rest likewise. Weight 0 comes last. */
export const weighted: ListStrategy = {
  kind: "weighted",
  rank: (candidates, _call, features) =>
    drawOrder(candidates, features.random, ({ weight }) => weight).map((candidate, index) => ({
      candidate,
      score: -index,
      reason: `drawn by weight ${candidate.weight}`,
    })),
};

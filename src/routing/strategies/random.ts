import type { ListStrategy } from "../../core/ports/strategy.ts";
import { drawOrder } from "./draw-order.ts";

/** Every order is equally likely. */
export const random: ListStrategy = {
  kind: "random",
  rank: (candidates, _call, features) =>
    drawOrder(candidates, features.random, () => 1).map((candidate, index) => ({
      candidate,
      score: -index,
      reason: "drawn at random",
    })),
};

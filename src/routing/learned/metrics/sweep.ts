import type { CostPoint } from "./cost-curve.ts";
import type { OutcomeTable } from "./outcome-table.ts";

/** Expected quality and cost of each model on each query, by model, in the order of an {@link OutcomeTable}'s. */
export interface Expected {
  readonly quality: readonly Float64Array[];
  readonly cost: readonly Float64Array[];
}

/** Prices of quality (expected quality per USD) between which choices change; more than this many are thinned out evenly. */
const steps = 200;

/** Every price at which some query's choice between two models changes, by growing price, thinned out. */
export const priceGrid = ({ quality, cost }: Expected): readonly number[] => {
  const prices: number[] = [];
  const size = quality[0]?.length ?? 0;
  for (let row = 0; row < size; row += 1)
    for (let a = 0; a < quality.length; a += 1)
      for (let b = 0; b < a; b += 1) {
        const gain = (quality[a]?.[row] ?? 0) - (quality[b]?.[row] ?? 0);
        const dearer = (cost[a]?.[row] ?? 0) - (cost[b]?.[row] ?? 0);
        if (gain * dearer > 0) prices.push(gain / dearer);
      }
  const sorted = Float64Array.from(prices).sort();
  const count = Math.min(steps, sorted.length);
  // Just above each change, so that the choice has changed.
  const grid = Array.from({ length: count }, (_, index) => {
    const at = count === 1 ? 0 : Math.round((index * (sorted.length - 1)) / (count - 1));
    return (sorted[at] ?? 0) * (1 + 1e-9);
  });
  return [0, ...grid];
};

/** For each query the model of the highest expected quality − price · cost, as its index; of equals the cheaper. */
export const chooseAt = ({ quality, cost }: Expected, price: number): Uint16Array => {
  const chosen = new Uint16Array(quality[0]?.length ?? 0);
  for (let row = 0; row < chosen.length; row += 1) {
    let held = 0;
    let worth = Number.NEGATIVE_INFINITY;
    for (let model = 0; model < quality.length; model += 1) {
      const paid = cost[model]?.[row] ?? 0;
      const value = (quality[model]?.[row] ?? 0) - price * paid;
      if (value > worth || (value === worth && paid < (cost[held]?.[row] ?? 0))) {
        held = model;
        worth = value;
      }
    }
    chosen[row] = held;
  }
  return chosen;
};

/** What the choices come to in truth, on average. */
export const pointOfChoices = ({ quality, cost, size }: OutcomeTable, chosen: ArrayLike<number>): CostPoint => {
  const sum = { cost: 0, quality: 0 };
  for (let row = 0; row < size; row += 1) {
    const model = chosen[row] ?? 0;
    sum.quality += quality[model]?.[row] ?? 0;
    sum.cost += cost[model]?.[row] ?? 0;
  }
  return { cost: sum.cost / size, quality: sum.quality / size };
};

/** The curve of one-model choices over every price, from quality alone to cost alone. */
export const sweepPrices = (expected: Expected, table: OutcomeTable): readonly CostPoint[] =>
  priceGrid(expected).map((price) => pointOfChoices(table, chooseAt(expected, price)));

import { type CostPoint, costHull } from "./cost-curve.ts";
import { mean, type OutcomeTable, type Realised } from "./outcome-table.ts";

/** A single model on every query. */
export interface Constant extends CostPoint {
  readonly model: string;
}

export interface Baselines {
  /** Every model on its own, in the order of the table. */
  readonly constants: readonly Constant[];
  readonly cheapest: Constant;
  /** The mean over all models: what drawing one at random comes to. */
  readonly random: CostPoint;
  /** The model of the highest quality; of equals, the cheaper. */
  readonly best: Constant;
  /** The hull of the single models: drawing between two of them without looking at the query. */
  readonly zeroRouter: readonly CostPoint[];
  /** For each query the best answer, from the cheapest model that gives it. */
  readonly oracle: CostPoint;
}

const first = <Value>(values: readonly Value[], before: (a: Value, b: Value) => boolean): Value => {
  const [start, ...rest] = values;
  if (start === undefined) throw new RangeError("a table without models");
  return rest.reduce((held, one) => (before(one, held) ? one : held), start);
};

/** The oracle query by query. */
export const oracleOf = ({ quality, cost, size }: OutcomeTable): Realised => {
  const found = { quality: new Float64Array(size), cost: new Float64Array(size) };
  for (let row = 0; row < size; row += 1) {
    let chosen = 0;
    for (let model = 1; model < quality.length; model += 1) {
      const gain = (quality[model]?.[row] ?? 0) - (quality[chosen]?.[row] ?? 0);
      if (gain > 0 || (gain === 0 && (cost[model]?.[row] ?? 0) < (cost[chosen]?.[row] ?? 0))) chosen = model;
    }
    found.quality[row] = quality[chosen]?.[row] ?? 0;
    found.cost[row] = cost[chosen]?.[row] ?? 0;
  }
  return found;
};

export const pointOf = ({ quality, cost }: Realised): CostPoint => ({ cost: mean(cost), quality: mean(quality) });

/** What stands beside every router. `best` names the best constant where it was chosen on other (training) rows. */
export const baselinesOf = (table: OutcomeTable, best?: string): Baselines => {
  const constants = table.models.map((model, index): Constant => {
    const [quality, cost] = [table.quality[index], table.cost[index]];
    return { model, quality: mean(quality ?? []), cost: mean(cost ?? []) };
  });
  return {
    constants,
    cheapest: first(constants, (a, b) => a.cost < b.cost || (a.cost === b.cost && a.quality > b.quality)),
    random: { cost: mean(constants.map(({ cost }) => cost)), quality: mean(constants.map(({ quality }) => quality)) },
    best:
      constants.find(({ model }) => model === best) ??
      first(constants, (a, b) => a.quality > b.quality || (a.quality === b.quality && a.cost < b.cost)),
    zeroRouter: costHull(constants),
    oracle: pointOf(oracleOf(table)),
  };
};

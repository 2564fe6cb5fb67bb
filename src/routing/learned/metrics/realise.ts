import { GatewayError } from "../../../core/errors.ts";
import type { LabelledRow } from "../dataset.ts";
import type { RowPrediction } from "../prediction.ts";
import type { Realised } from "./outcome-table.ts";

const missing = (id: string, what: string): GatewayError =>
  new GatewayError("invalid_value", `Row '${id}' ${what}. Evaluate a prediction on the rows it was made for.`);

/** What the chosen actions came to: quality of the answer that is returned, cost of all calls. Throws `invalid_value`. */
export const realise = (rows: readonly LabelledRow[], predictions: readonly RowPrediction[]): Realised => {
  const realised = { quality: new Float64Array(rows.length), cost: new Float64Array(rows.length) };
  for (const [index, { id, q, c }] of rows.entries()) {
    const action = predictions[index]?.action;
    if (action === undefined) throw missing(id, "has no prediction");
    const quality = q[action.answer];
    if (quality === undefined) throw missing(id, `says nothing of model '${action.answer}', which was chosen`);
    let cost = 0;
    for (const model of action.models) {
      const one = c[model];
      if (one === undefined) throw missing(id, `has no cost of model '${model}', which was called`);
      cost += one;
    }
    realised.quality[index] = quality;
    realised.cost[index] = cost;
  }
  return realised;
};

/** The predictions in the order of the rows; throws GatewayError `invalid_value` where a row has none. */
export const matchPredictions = (
  rows: readonly LabelledRow[],
  predictions: readonly RowPrediction[],
): readonly RowPrediction[] => {
  const byId = new Map(predictions.map((one) => [one.id, one]));
  return rows.map(({ id }) => {
    const found = byId.get(id);
    if (found === undefined) throw missing(id, "has no prediction");
    return found;
  });
};

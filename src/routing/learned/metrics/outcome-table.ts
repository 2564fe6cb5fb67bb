import { GatewayError } from "../../../core/errors.ts";
import type { LabelledRow } from "../dataset.ts";

/** Quality (0–1) and cost (USD) of every model on every query, by model, in the order of the rows. */
export interface OutcomeTable {
  readonly models: readonly string[];
  readonly quality: readonly Float64Array[];
  readonly cost: readonly Float64Array[];
  readonly size: number;
}

/** What one way of answering came to, per query. */
export interface Realised {
  readonly quality: Float64Array;
  /** USD of all calls. */
  readonly cost: Float64Array;
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return values.length === 0 ? Number.NaN : sum / values.length;
};

/** The models that every row has, in the order of the first row. */
const sharedModels = (rows: readonly LabelledRow[]): readonly string[] =>
  Object.keys(rows[0]?.q ?? {}).filter((model) => rows.every(({ q }) => q[model] !== undefined));

/**
 * The rows as columns. Of `models` each must stand in every row; without it, those that do are taken. Throws GatewayError
 * `invalid_value` where there are no rows, no such model, or a row lacks one.
 */
export const outcomeTable = (rows: readonly LabelledRow[], models = sharedModels(rows)): OutcomeTable => {
  if (rows.length === 0) throw new GatewayError("invalid_value", "There are no rows to evaluate on.");
  if (models.length === 0)
    throw new GatewayError("invalid_value", "No model stands in every row: name the models to evaluate.");
  const column = (read: (row: LabelledRow, model: string) => number | undefined): readonly Float64Array[] =>
    models.map((model) =>
      Float64Array.from(rows, (row) => {
        const value = read(row, model);
        if (value === undefined)
          throw new GatewayError("invalid_value", `Row '${row.id}' says nothing of model '${model}'.`);
        return value;
      }),
    );
  return {
    models,
    quality: column(({ q }, model) => q[model]),
    cost: column(({ c }, model) => c[model]),
    size: rows.length,
  };
};

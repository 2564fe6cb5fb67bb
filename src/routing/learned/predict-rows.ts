import { agree } from "./answers/agree.ts";
import { normaliseAnswer } from "./answers/normalise-answer.ts";
import { carryOut } from "./cascade.ts";
import type { LabelledRow } from "./dataset.ts";
import { featuresOf } from "./features/features-of.ts";
import type { ActionKinds } from "./policy.ts";
import type { RowPrediction } from "./prediction.ts";
import { openRouter, type Router, type RouterOptions } from "./router.ts";
import { estimatedTokens } from "./training-row.ts";

/** What a prediction may look at: quality, cost and output stay unknown to it. */
export type QueryRow = Pick<LabelledRow, "id" | "prompt" | "in" | "ans">;

/** By candidate, in the candidates' order, as a record by name. */
const byName = (names: readonly string[], values: ArrayLike<number>): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name, at) => [name, values[at] ?? 0]));

const predictRow = (router: Router, row: QueryRow, kinds: ActionKinds): RowPrediction => {
  const names = router.candidates;
  const nameOf = (candidate: number): string => names[candidate] ?? "";
  const input = { estimated: estimatedTokens(row.prompt), ...(row.in === undefined ? {} : { known: row.in }) };
  const started = performance.now();
  const { action, expectation } = router.choose(
    featuresOf(row.prompt),
    input,
    row.ans === undefined ? "singles" : kinds,
  );
  const microseconds = (performance.now() - started) * 1_000;
  // Answers of models that are asked, and of no others.
  const answerOf = (candidate: number) => normaliseAnswer(row.ans?.[nameOf(candidate)] ?? "");
  const { asked, answer } = carryOut(action, (one, other) => agree(answerOf(one), answerOf(other)));
  return {
    id: row.id,
    quality: byName(names, expectation.quality),
    cost: byName(names, expectation.cost),
    action: { kind: action.kind, models: action.candidates.slice(0, asked).map(nameOf), answer: nameOf(answer) },
    microseconds,
  };
};

export interface PredictedRows {
  readonly predictions: readonly RowPrediction[];
  /** The best single model of the rows that the router was trained on. */
  readonly best: string;
}

/**
 * Predicts every row, and carries its action out on the answers that the rows hold. Rows without answers are answered by
 * single models. Throws GatewayError `invalid_value` for a candidate that the model does not know.
 */
export const predictRows = (rows: readonly QueryRow[], options: Omit<RouterOptions, "batch">): PredictedRows => {
  const router = openRouter({ ...options, batch: rows.map(({ prompt }) => featuresOf(prompt)) });
  return {
    predictions: rows.map((row) => predictRow(router, row, options.kinds)),
    best: router.candidates[router.policy.best] ?? "",
  };
};

import { agree } from "./answers/agree.ts";
import { normaliseAnswer } from "./answers/normalise-answer.ts";
import { type Action, type CarriedOut, carryOut } from "./cascade.ts";
import type { LabelledRow } from "./dataset.ts";
import { featuresOf } from "./features/features-of.ts";
import { leastTrust } from "./policy.ts";
import type { RowPrediction } from "./prediction.ts";
import type { Choice, Router } from "./router.ts";
import { estimatedTokens } from "./training-row.ts";

/** What of a row may be looked at: no outcome but the answers of the models that a cascade has called. */
export type AskedRow = Pick<LabelledRow, "id" | "prompt" | "in" | "ans">;

export interface ReasonedPrediction extends RowPrediction {
  readonly reason: string;
  readonly microseconds: number;
}

/** Carries an action out on a row's recorded answers. Only those of called models are read. */
export const carryOutOn = (row: AskedRow, action: Action, names: readonly string[]): CarriedOut => {
  const read = (candidate: number) => normaliseAnswer(row.ans?.[names[candidate] as string] ?? "");
  return carryOut(action, (one, other) => agree(read(one), read(other)));
};

/** Input tokens and prompt length of a row, as the cost heads take them. */
export const inputSizeOf = ({ prompt, in: known }: AskedRow) => ({
  estimated: estimatedTokens(prompt),
  ...(known === undefined ? {} : { known }),
});

const reasonOf = ({ setting, candidates }: Router, { action, expectation, worth, index }: Choice): string => {
  const how =
    setting.kind === "constant"
      ? `always ${candidates[setting.candidate]}`
      : `price ${setting.price.toPrecision(3)} per USD`;
  const trust = `trust ${expectation.trust.toFixed(2)}`;
  const expected = `expected at least ${(worth.quality[index] as number).toFixed(3)} for ${(worth.cost[index] as number).toPrecision(3)} USD`;
  return `${action.kind}: ${expected}; ${how}; ${trust}${expectation.trust < leastTrust ? ", unlike what was learned from: nothing is saved on it" : ""}`;
};

/** Predicts and chooses for one row. */
export const predictRow = (router: Router, row: AskedRow): ReasonedPrediction => {
  const started = performance.now();
  const choice = router.choose(
    featuresOf(row.prompt),
    inputSizeOf(row),
    row.ans === undefined ? "singles" : "cascades",
  );
  const microseconds = Math.round((performance.now() - started) * 10_000) / 10;
  const { candidates } = router;
  const { action, expectation } = choice;
  const { asked, answer } = carryOutOn(row, action, candidates);
  const byName = (values: Float64Array): Readonly<Record<string, number>> =>
    Object.fromEntries(candidates.map((name, at) => [name, Number((values[at] as number).toPrecision(6))]));
  return {
    id: row.id,
    quality: byName(expectation.quality),
    cost: byName(expectation.cost),
    action: {
      kind: action.kind,
      models: action.candidates.slice(0, asked).map((candidate) => candidates[candidate] as string),
      answer: candidates[answer] as string,
    },
    reason: reasonOf(router, choice),
    microseconds,
  };
};

import type { Action } from "../../src/routing/learned/cascade.ts";
import type { LabelledRow } from "../../src/routing/learned/dataset.ts";
import { featuresOf } from "../../src/routing/learned/features/features-of.ts";
import { shuffled } from "../../src/routing/learned/numbers.ts";
import { type ActionKinds, chooseAction, type Policy } from "../../src/routing/learned/policy.ts";
import { carryOutOn, inputSizeOf } from "../../src/routing/learned/predict-row.ts";
import { openRouter, type Router } from "../../src/routing/learned/router.ts";
import type { RouterModel } from "../../src/routing/learned/router-model.ts";
import { trainRouter } from "../../src/routing/learned/train.ts";
import { trainingRowOf } from "../../src/routing/learned/training-row.ts";

/** Quality and cost (USD) by row. */
export interface Outcome {
  readonly quality: Float64Array;
  readonly cost: Float64Array;
}

export interface Validated {
  readonly models: readonly string[];
  /** Expected quality by row and model. */
  readonly expected: readonly Float64Array[];
  /** What came of each policy, by its name. */
  readonly policies: Map<string, Outcome>;
  /** The curve: what came of each price, by kind of actions. */
  readonly curves: Readonly<Record<ActionKinds, readonly Outcome[]>>;
  /** The best constant of the training rows, row by row. */
  readonly best: Outcome;
  readonly microseconds: Float64Array;
  trainSeconds: number;
  readonly trust: Float64Array;
}

export const keeps = [0.95, 0.98, 0.99] as const;
const prices: readonly number[] = Array.from({ length: 41 }, (_, at) => 10 ** (-2.5 + at * 0.1));

const outcome = (size: number): Outcome => ({ quality: new Float64Array(size), cost: new Float64Array(size) });

/** What an action comes to on a labelled row. */
export const realiseAction = (
  row: LabelledRow,
  action: Action,
  names: readonly string[],
): { readonly quality: number; readonly cost: number } => {
  const nameOf = (candidate: number): string => names[candidate] as string;
  const { asked, answer } = carryOutOn(row, action, names);
  let cost = 0;
  for (const candidate of action.candidates.slice(0, asked)) cost += row.c[nameOf(candidate)] ?? 0;
  return { quality: row.q[nameOf(answer)] ?? 0, cost };
};

export const emptyValidation = (models: readonly string[], size: number): Validated => ({
  models,
  expected: models.map(() => new Float64Array(size)),
  policies: new Map(),
  curves: { singles: prices.map(() => outcome(size)), cascades: prices.map(() => outcome(size)) },
  best: outcome(size),
  microseconds: new Float64Array(size),
  trust: new Float64Array(size),
  trainSeconds: 0,
});

const record = (into: Outcome, at: number, { quality, cost }: { quality: number; cost: number }): void => {
  into.quality[at] = quality;
  into.cost[at] = cost;
};

const follow = (policy: Policy, router: Router, row: LabelledRow, into: readonly Outcome[], at: number): void => {
  const choice = router.choose(featuresOf(row.prompt), inputSizeOf(row), "cascades");
  const unit = 1 / Math.max(1e-12, policy.means[policy.best]?.cost ?? 1);
  for (const [index, price] of prices.entries()) {
    const { trust, stream } = choice.expectation;
    const setting = { kind: "price", price: price * unit } as const;
    const chosen = chooseAction(policy, choice.worth, setting, { trust, stream, kinds: "cascades" });
    record(into[index] as Outcome, at, realiseAction(row, policy.actions[chosen] as Action, router.candidates));
  }
};

/** Judges a trained model on rows that it has not seen; `places` says where their outcomes are written. */
export const judge = (
  model: RouterModel,
  rows: readonly LabelledRow[],
  {
    into,
    places,
    models,
  }: { readonly into: Validated; readonly places: readonly number[]; readonly models: readonly string[] },
): void => {
  const batch = rows.map(({ prompt }) => featuresOf(prompt));
  const hasAnswers = rows.some(({ ans }) => ans !== undefined);
  for (const kinds of hasAnswers ? (["singles", "cascades"] as const) : (["singles"] as const)) {
    const open = (keep: number): Router => openRouter({ model, candidates: models, kinds, aim: { keep }, batch });
    const routers = keeps.map(open);
    const first = routers[0] as Router;
    for (const [index, keep] of keeps.entries()) {
      const name = `${kinds} ${keep}`;
      const held = into.policies.get(name) ?? outcome(into.best.quality.length);
      into.policies.set(name, held);
      for (const [at, row] of rows.entries()) {
        const router = routers[index] as Router;
        const { action } = router.choose(
          featuresOf(row.prompt),
          inputSizeOf(row),
          row.ans === undefined ? "singles" : kinds,
        );
        record(held, places[at] as number, realiseAction(row, action, models));
      }
    }
    for (const [at, row] of rows.entries()) {
      const place = places[at] as number;
      const features = featuresOf(row.prompt);
      const started = performance.now();
      const { expectation } = first.choose(features, inputSizeOf(row), kinds);
      into.microseconds[place] = (performance.now() - started) * 1_000;
      into.trust[place] = expectation.trust;
      for (const [candidate, column] of into.expected.entries())
        column[place] = expectation.quality[candidate] as number;
      follow(first.policy, first, row, into.curves[kinds], place);
      const best = models[first.policy.best] as string;
      record(into.best, place, { quality: row.q[best] ?? 0, cost: row.c[best] ?? 0 });
    }
  }
};

/** K-fold cross-validation through the code that the program runs. */
export const crossValidate = (
  rows: readonly LabelledRow[],
  { models, folds, seed }: { readonly models: readonly string[]; readonly folds: number; readonly seed: number },
): Validated => {
  const into = emptyValidation(models, rows.length);
  const order = shuffled(rows.length, seed);
  for (let fold = 0; fold < folds; fold++) {
    const places = [...order.filter((_, at) => at % folds === fold)];
    const training = [...order.filter((_, at) => at % folds !== fold)].map((at) =>
      trainingRowOf(rows[at] as LabelledRow),
    );
    const started = performance.now();
    const model = trainRouter(training, { models, seed });
    into.trainSeconds += (performance.now() - started) / 1_000;
    judge(
      model,
      places.map((at) => rows[at] as LabelledRow),
      { into, places, models },
    );
  }
  return into;
};

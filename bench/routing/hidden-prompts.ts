import type { LabelledRow } from "../../src/routing/learned/dataset.ts";
import { featuresOf } from "../../src/routing/learned/features/features-of.ts";
import { fitMapping, type LabelledModel } from "../../src/routing/learned/model-mapping/fit-mapping.ts";
import { mappedPrior } from "../../src/routing/learned/model-mapping/mapped-prior.ts";
import { sigmoid } from "../../src/routing/learned/numbers.ts";
import { trainRouter } from "../../src/routing/learned/train.ts";
import { trainingRowOf } from "../../src/routing/learned/training-row.ts";
import { asTarget, byPrice, isSameModel } from "./hidden-model.ts";
import type { SectionTable } from "./section.ts";
import { readSet } from "./sets.ts";

/** A hidden model's answer to a prompt that nothing was learned from, and what was expected of it. */
export interface AskedPrompt {
  readonly set: string;
  readonly truth: number;
  readonly mapped: number;
  readonly price: number;
  /** The mean of the set's other models over the rows that were learned from. */
  readonly mean: number;
}

type SetRow = LabelledRow & { readonly set: string };

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const without = (record: LabelledRow["q"], hidden: ReadonlySet<string>): LabelledRow["q"] =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !hidden.has(name)));

const askAboutHidden = (
  hidden: readonly LabelledModel[],
  known: readonly LabelledModel[],
  { learned, asked }: { readonly learned: readonly SetRow[]; readonly asked: readonly SetRow[] },
): readonly AskedPrompt[] => {
  const names = new Set(hidden.map(({ name }) => name));
  const seen = learned.map((row) => ({ ...row, q: without(row.q, names), c: without(row.c, names) }));
  const prior = mappedPrior({
    model: trainRouter(seen.map(trainingRowOf)),
    version: "held",
    mapping: fitMapping(known),
  });
  const means = new Map(
    [...Map.groupBy(seen, ({ set }) => set)].map(([set, rows]) => [
      set,
      mean(rows.flatMap(({ q }) => Object.values(q))),
    ]),
  );
  const targets = [...Map.groupBy(hidden, ({ name }) => name)].map(([name, [first]]) => ({
    name,
    target: asTarget(first as LabelledModel, "facts"),
  }));
  return asked.flatMap(({ set, prompt, q }) => {
    const view = prior.look(featuresOf(prompt), prompt);
    return targets.flatMap(({ name, target }) => {
      const truth = q[name];
      if (truth === undefined) return [];
      const expected = { mapped: sigmoid(view.of(target).logit), price: sigmoid(byPrice(target)) };
      return [{ set, truth, ...expected, mean: means.get(set) ?? 0.5 }];
    });
  });
};

/** Trains without each group of models in turn, on half of the rows, and asks for these models on the other half. */
export const hiddenPrompts = (models: readonly LabelledModel[], groups: number): readonly AskedPrompt[] => {
  const sets = [...new Set(models.map(({ set }) => set))];
  const rows = sets.flatMap((set) => readSet(set).map((row): SetRow => ({ ...row, set })));
  const names = [...new Set(models.map(({ name }) => name))];
  return Array.from({ length: groups }, (_, group) => group).flatMap((group) => {
    const chosen = models.filter(({ name }) => names.indexOf(name) % groups === group);
    const hidden = models.filter((model) => chosen.some((one) => isSameModel(one, model)));
    return askAboutHidden(
      hidden,
      models.filter((model) => !hidden.includes(model)),
      {
        learned: rows.filter((_, place) => place % 2 === group % 2),
        asked: rows.filter((_, place) => place % 2 !== group % 2),
      },
    );
  });
};

type Way = "mapped" | "price" | "mean";

/** Mean squared error of what was expected. */
export const brierOf = (asked: readonly AskedPrompt[], way: Way): number =>
  mean(asked.map((one) => (one[way] - one.truth) ** 2));

export const promptTable = (asked: readonly AskedPrompt[]): SectionTable => ({
  columns: ["hidden models on single prompts, Brier", "answers", "mapped", "by price", "the set's mean"],
  rows: [...Map.groupBy(asked, ({ set }) => set), ["all", asked] as const].map(([set, held]) => [
    set,
    `${held.length}`,
    ...(["mapped", "price", "mean"] as const).map((way) => brierOf(held, way).toFixed(4)),
  ]),
});

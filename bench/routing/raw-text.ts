import { agree } from "../../src/routing/learned/answers/agree.ts";
import { extractAnswer } from "../../src/routing/learned/answers/extract-answer.ts";
import type { FinalAnswer } from "../../src/routing/learned/answers/final-answer.ts";
import { normaliseAnswer } from "../../src/routing/learned/answers/normalise-answer.ts";
import type { LabelledRow } from "../../src/routing/learned/dataset.ts";
import { mean } from "../../src/routing/learned/metrics/outcome-table.ts";
import { judgeSection, percent, type RoutingSection, type SectionTable } from "./section.ts";
import { readSet } from "./sets.ts";
import { readTextRows, type TextRow } from "./text-rows.ts";

type Answers = ReadonlyMap<string, FinalAnswer | undefined>;

interface Case {
  readonly row: LabelledRow;
  readonly gold: FinalAnswer | undefined;
  /** By model: read from what it wrote, and from the answer that the data set gives. */
  readonly raw: Answers;
  readonly given: Answers;
}

const answersBy = (models: readonly string[], read: (model: string) => FinalAnswer | undefined): Answers =>
  new Map(models.map((model) => [model, read(model)]));

const casesOf = (rows: readonly LabelledRow[], texts: readonly TextRow[]): readonly Case[] => {
  const byId = new Map(texts.map((one) => [one.id, one]));
  return rows.flatMap((row) => {
    const found = byId.get(row.id);
    if (found === undefined) return [];
    const models = Object.keys(found.text);
    return {
      row,
      gold: normaliseAnswer(found.gold.replace(/^# /, "")),
      raw: answersBy(models, (model) => extractAnswer(found.text[model] ?? "")),
      given: answersBy(models, (model) => normaliseAnswer(row.ans?.[model] ?? "")),
    };
  });
};

const shareOf = (values: readonly boolean[]): number => mean(values.map(Number));

/** Whether what we read is right exactly where the data set says that the model was. */
const gradesAlike = ({ row, gold, raw }: Case, model: string): boolean =>
  agree(raw.get(model), gold) === (row.q[model] === 1);

// Not all that is missing to 100 % is ours to mend: the data set grades `8.50` for `8.5`, and `["a"]` for `['a']`, as wrong.
const extractionTable = (cases: readonly Case[], models: readonly string[]): SectionTable => {
  const tasks = [...new Set(cases.map(({ row }) => row.task))];
  const cell = (some: readonly Case[], model: string) => percent(shareOf(some.map((one) => gradesAlike(one, model))));
  return {
    columns: ["model", ...tasks, "no answer found"],
    rows: models.map((model) => [
      model,
      ...tasks.map((task) =>
        cell(
          cases.filter(({ row }) => row.task === task),
          model,
        ),
      ),
      percent(shareOf(cases.map(({ raw }) => raw.get(model) === undefined))),
    ]),
  };
};

/** Two models, and the one that is asked where they differ. */
interface Cascade {
  readonly first: string;
  readonly second: string;
  readonly last: string;
}

interface Carried {
  readonly quality: number;
  readonly cost: number;
  /** Share of queries that the first two settled. */
  readonly settled: number;
}

const carryOut = ({ first, second, last }: Cascade, cases: readonly Case[], source: "raw" | "given"): Carried => {
  const outcomes = cases.map((one) => {
    const isSettled = agree(one[source].get(first), one[source].get(second));
    const called = isSettled ? [first, second] : [first, second, last];
    return {
      isSettled,
      quality: one.row.q[isSettled ? first : last] ?? 0,
      cost: called.reduce((sum, model) => sum + (one.row.c[model] ?? 0), 0),
    };
  });
  return {
    quality: mean(outcomes.map(({ quality }) => quality)),
    cost: mean(outcomes.map(({ cost }) => cost)),
    settled: shareOf(outcomes.map(({ isSettled }) => isSettled)),
  };
};

const constantOf = (model: string, cases: readonly Case[]): Carried => ({
  quality: mean(cases.map(({ row }) => row.q[model] ?? 0)),
  cost: mean(cases.map(({ row }) => row.c[model] ?? 0)),
  settled: 1,
});

const bestOf = (models: readonly string[], cases: readonly Case[]): string => {
  const ranked = models.toSorted((a, b) => constantOf(b, cases).quality - constantOf(a, cases).quality);
  return ranked[0] ?? "";
};

/** What a cascade must keep of the best model's quality on the rows it is chosen on. */
const keep = 0.99;

/** The cheapest pair in front of the best model that keeps its quality on these rows. */
const chooseCascade = (models: readonly string[], cases: readonly Case[]): Cascade => {
  const last = bestOf(models, cases);
  const best = constantOf(last, cases);
  const pairs = models.flatMap((first) =>
    models.flatMap((second) => (first === second || first === last || second === last ? [] : { first, second, last })),
  );
  const judged = pairs.map((cascade) => ({ cascade, carried: carryOut(cascade, cases, "raw") }));
  const kept = judged.filter(({ carried }) => carried.quality >= keep * best.quality);
  const ranked = (kept.length > 0 ? kept : judged).toSorted((a, b) => a.carried.cost - b.carried.cost);
  return ranked[0]?.cascade ?? { first: last, second: last, last };
};

interface Compared {
  readonly best: Carried;
  readonly raw: Carried;
  readonly given: Carried;
  readonly chosen: string;
}

/** Chosen on one half of the rows, carried out on the other. Both sources carry out the same one. */
const compare = (models: readonly string[], chooseOn: readonly Case[], carryOn: readonly Case[]): Compared => {
  const cascade = chooseCascade(models, chooseOn);
  return {
    best: constantOf(cascade.last, carryOn),
    raw: carryOut(cascade, carryOn, "raw"),
    given: carryOut(cascade, carryOn, "given"),
    chosen: `${cascade.first} = ${cascade.second}, else ${cascade.last}`,
  };
};

const together = (parts: readonly Carried[]): Carried => ({
  quality: mean(parts.map(({ quality }) => quality)),
  cost: mean(parts.map(({ cost }) => cost)),
  settled: mean(parts.map(({ settled }) => settled)),
});

const carriedRow = (name: string, { quality, cost, settled }: Carried, best: Carried): readonly string[] => [
  name,
  percent(quality),
  (cost * 1_000).toFixed(3),
  percent(quality / best.quality),
  percent(1 - cost / best.cost),
  percent(settled),
];

/**
 * Final answers read from raw generated text, against those that the data set gives: whether both are graded alike, and
 * what an agreement cascade does with either.
 */
export const rawTextSection = (): RoutingSection => {
  const texts = readTextRows();
  const cases = casesOf(readSet("zeroeval"), texts);
  const models = Object.keys(texts[0]?.text ?? {});
  const half = (parity: number) => cases.filter((_, index) => index % 2 === parity);
  const folds = [compare(models, half(0), half(1)), compare(models, half(1), half(0))];
  const [best, raw, given] = [
    together(folds.map((fold) => fold.best)),
    together(folds.map((fold) => fold.raw)),
    together(folds.map((fold) => fold.given)),
  ];
  const alike = shareOf(cases.flatMap((one) => models.map((model) => gradesAlike(one, model))));
  return judgeSection({
    title: "Cascades on raw text",
    about: `${cases.length} queries, ${models.length} models. A cascade is chosen on each half and carried out on the other: ${folds.map(({ chosen }) => chosen).join("; ")}.`,
    tables: [
      extractionTable(cases, models),
      {
        columns: ["policy", "quality %", "USD/1,000", "kept %", "saved %", "settled by two %"],
        rows: [
          carriedRow("best constant", best, best),
          carriedRow("cascade on raw text", raw, best),
          carriedRow("cascade on given answers", given, best),
        ],
      },
    ],
    bars: [
      { name: "texts graded as the data set does, share", value: alike, atLeast: 0.985 },
      { name: "quality kept by the cascade on raw text", value: raw.quality / best.quality, atLeast: 0.99 },
      { name: "saved by the cascade on raw text", value: 1 - raw.cost / best.cost, atLeast: 0.45 },
      { name: "quality lost against given answers", value: given.quality - raw.quality, atMost: 0.005 },
      { name: "cost over that on given answers", value: raw.cost / given.cost - 1, atMost: 0.05 },
    ],
  });
};

import { readLabelledModels } from "../../scripts/model-mapping/labelled-models.ts";
import { fitMapping, type LabelledModel } from "../../src/routing/learned/model-mapping/fit-mapping.ts";
import { type MappingStep, openMapping } from "../../src/routing/learned/model-mapping/map-model.ts";
import { logit, sigmoid } from "../../src/routing/learned/numbers.ts";
import { asTarget, byPrice, isSameModel, type Told } from "./hidden-model.ts";
import { brierOf, hiddenPrompts, promptTable } from "./hidden-prompts.ts";
import { judgeSection, percent, type RoutingSection, type SectionTable } from "./section.ts";

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const levelOf = ({ quality }: LabelledModel): number => logit(Math.min(0.99, Math.max(0.01, quality)));

/** What three ways expect of a hidden model in its set, in logits. */
interface Judged {
  readonly model: LabelledModel;
  readonly step: MappingStep;
  readonly mapped: number;
  readonly price: number;
  readonly mean: number;
  /** By how many standard deviations of what the mapping says of its own error the truth lies off. */
  readonly off: number;
}

/** Hides a model, under all its names, and maps it by what is left. A set's level is taken from its other models. */
const judgeHidden = (model: LabelledModel, others: readonly LabelledModel[], told: Told): Judged => {
  const mapping = fitMapping(others);
  const map = openMapping(mapping);
  const known = new Map(mapping.models.map(({ name, ability }) => [name, ability]));
  const mates = others.filter(({ set }) => set === model.set);
  const { step, ability, variance } = map(asTarget(model, told));
  const levelBy = (of: (one: LabelledModel) => number): number => mean(mates.map((one) => levelOf(one) - of(one)));
  const mapped = levelBy(({ name }) => known.get(name) ?? 0) + ability;
  return {
    ...{ model, step, mapped },
    price: levelBy((one) => byPrice(asTarget(one, "facts"))) + byPrice(asTarget(model, told)),
    mean: levelBy(() => 0),
    off: (mapped - levelOf(model)) / Math.sqrt(variance),
  };
};

type Way = "mapped" | "price" | "mean";

const rootMean = (values: readonly number[]): number => Math.sqrt(mean(values.map((one) => one * one)));
const logitError = (judged: readonly Judged[], way: Way): number =>
  rootMean(judged.map((one) => one[way] - levelOf(one.model)));
const pointError = (judged: readonly Judged[], way: Way): number =>
  rootMean(judged.map((one) => sigmoid(one[way]) - one.model.quality));

interface Ordered {
  readonly set: string;
  readonly mapped: number;
  readonly price: number;
}

const hits = (better: number, worse: number): number =>
  Math.abs(better - worse) < 1e-9 ? 0.5 : Number(better > worse);

/** Hides every two models of a set, at least a point apart, and says which of them is thought better; a draw counts half. */
const judgePairs = (models: readonly LabelledModel[], told: Told): readonly Ordered[] =>
  models.flatMap((better) =>
    models
      .filter(({ set, quality }) => set === better.set && better.quality > quality + 0.01)
      .map((worse) => {
        const rest = models.filter((other) => !isSameModel(better, other) && !isSameModel(worse, other));
        const map = openMapping(fitMapping(rest));
        const [high, low] = [asTarget(better, told), asTarget(worse, told)];
        return {
          set: better.set,
          mapped: hits(map(high).ability, map(low).ability),
          price: hits(byPrice(high), byPrice(low)),
        };
      }),
  );

const row = (what: string, judged: readonly Judged[]): readonly string[] => [
  what,
  `${judged.length}`,
  ...(["mapped", "price", "mean"] as const).map(
    (way) => `${logitError(judged, way).toFixed(2)} (${percent(pointError(judged, way))})`,
  ),
];

const tableOf = (judged: readonly Judged[], told: string): SectionTable => ({
  columns: [told, "models", "mapped", "by price", "the mean"],
  rows: [
    ...[...Map.groupBy(judged, ({ model }) => model.set)].map(([set, held]) => row(set, held)),
    row("all", judged),
    ...[...Map.groupBy(judged, ({ step }) => step)].map(([step, held]) => row(`found by: ${step}`, held)),
  ],
});

const orderOf = (pairs: readonly Ordered[], way: "mapped" | "price"): number => mean(pairs.map((one) => one[way]));

const orderTable = (pairs: Readonly<Record<Told, readonly Ordered[]>>): SectionTable => ({
  columns: ["two hidden at once, in the right order, %", "pairs", "mapped", "by price"],
  rows: (["facts", "name"] as const).flatMap((told) =>
    [...Map.groupBy(pairs[told], ({ set }) => set)].map(([set, held]) => [
      `${set}, ${told === "facts" ? "price and release known" : "name alone"}`,
      `${held.length}`,
      ...(["mapped", "price"] as const).map((way) => percent(orderOf(held, way))),
    ]),
  ),
});

/**
 * Hides each model of the labelled sets in turn and maps it by the others: how far its mean quality in its set is from
 * what is expected, beside the prior by price alone and the mean of the set. `groups`: into so many the models are parted to be
 * hidden from routers.
 */
export const modelMappingSection = (groups: number): RoutingSection => {
  const models = readLabelledModels();
  const hide = (told: Told, of: readonly LabelledModel[] = models): readonly Judged[] =>
    of.map((model) =>
      judgeHidden(
        model,
        models.filter((other) => !isSameModel(model, other)),
        told,
      ),
    );
  const facts = hide("facts");
  const names = hide("name");
  // The newest half as if nobody had seen it: does what facts say hold for models to come?
  const newest = models.filter(({ year }) => year >= 2024.5);
  const older = models.filter(({ year }) => year < 2024.5);
  const later = newest.map((model) =>
    judgeHidden(
      model,
      older.filter((other) => !isSameModel(model, other)),
      "facts",
    ),
  );
  const pairs = { facts: judgePairs(models, "facts"), name: judgePairs(models, "name") };
  const prompts = hiddenPrompts(models, groups);
  const within = mean(facts.map(({ off }) => Number(Math.abs(off) <= 1.645)));
  return judgeSection({
    title: "models that the shipped prior does not know",
    about:
      "Each model is hidden in turn and mapped by the others. Error of its mean quality: root mean square in logits (in points). Then routers are trained without some of the models and on half of the rows, and asked for these models on the other half.",
    tables: [
      tableOf(facts, "price and release known"),
      tableOf(names, "name alone"),
      tableOf(later, "released after June 2024, by older"),
      orderTable(pairs),
      promptTable(prompts),
    ],
    bars: [
      {
        name: "error against that of price alone",
        value: logitError(facts, "mapped") / logitError(facts, "price"),
        atMost: 1,
      },
      {
        name: "error against that of the mean",
        value: logitError(facts, "mapped") / logitError(facts, "mean"),
        atMost: 0.9,
      },
      {
        name: "error against that of the mean, by name alone",
        value: logitError(names, "mapped") / logitError(names, "mean"),
        atMost: 1,
      },
      {
        name: "later models: error against that of price alone",
        value: logitError(later, "mapped") / logitError(later, "price"),
        atMost: 1,
      },
      {
        name: "pairs in order, over those by price alone",
        value: orderOf(pairs.facts, "mapped") - orderOf(pairs.facts, "price"),
        atLeast: 0,
      },
      {
        name: "Brier on single prompts against that of price alone",
        value: brierOf(prompts, "mapped") / brierOf(prompts, "price"),
        atMost: 0.95,
      },
      { name: "truth within the 90 % interval", value: within, atLeast: 0.85 },
    ],
  });
};

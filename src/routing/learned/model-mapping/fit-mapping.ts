import { logit } from "../numbers.ts";
import { type KnownModel, kinshipOf, type Mapping } from "./mapping.ts";
import { readModelName } from "./read-model-name.ts";

/** A model of a labelled set: what it costs, when it came out, and how good its answers were. */
export interface LabelledModel {
  readonly name: string;
  readonly outputUsdPerMillion: number;
  /** Year of its release, with the fraction. */
  readonly year: number;
  readonly set: string;
  /** Mean quality over all rows of the set, and by kind of task in one order for all models of the set; 0–1. */
  readonly quality: number;
  readonly tasks: readonly number[];
}

/** Penalty on the squared coefficients, in models: what so few of them say is drawn towards nothing. */
const penalty = 1;
/** So many pairs of snapshots that are wholly alike, as their name says, are reckoned to the few that there are. */
const borrowedPairs = 0.25;

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

interface Centred extends LabelledModel {
  readonly level: number;
  readonly price: number;
  readonly age: number;
}

/** Means within each set are taken off both sides, so that a set's level needs no coefficient (Frisch and Waugh, 1933). */
const withinSets = (models: readonly Centred[]): readonly Centred[] => {
  const bySet = Map.groupBy(models, ({ set }) => set);
  return models.map((model) => {
    const mates = bySet.get(model.set) as readonly Centred[];
    return {
      ...model,
      level: model.level - mean(mates.map(({ level }) => level)),
      price: model.price - mean(mates.map(({ price }) => price)),
      age: model.age - mean(mates.map(({ age }) => age)),
    };
  });
};

const fitFacts = (models: readonly Centred[]) => {
  const centred = withinSets(models);
  const sum = (of: (one: Centred) => number): number => centred.reduce((total, one) => total + of(one), 0);
  const pp = sum(({ price }) => price ** 2) + penalty;
  const aa = sum(({ age }) => age ** 2) + penalty;
  const pa = sum(({ price, age }) => price * age);
  const [pl, al] = [sum(({ price, level }) => price * level), sum(({ age, level }) => age * level)];
  const determinant = pp * aa - pa * pa;
  const perLogUsd = (pl * aa - al * pa) / determinant;
  const perYear = (al * pp - pl * pa) / determinant;
  const sets = new Set(models.map(({ set }) => set)).size;
  const left = sum(({ level, price, age }) => (level - perLogUsd * price - perYear * age) ** 2);
  const variance = left / Math.max(1, models.length - sets - 2);
  const scaled = (entry: number): number => (variance * entry) / determinant;
  return { perLogUsd, perYear, variance, covariance: [scaled(aa), scaled(-pa), scaled(pp)] as const };
};

/** How a model's quality on one kind of task differs from what the model and the kind are alone: its variance, in logits. */
const interactionOf = (models: readonly LabelledModel[]): number => {
  const levels = models.map(({ tasks }) => tasks.map((one) => logit(Math.min(0.98, Math.max(0.02, one)))));
  const kinds = levels[0]?.length ?? 0;
  if (kinds < 2 || models.length < 2) return Number.NaN;
  const ofModel = levels.map(mean);
  const ofKind = Array.from({ length: kinds }, (_, kind) => mean(levels.map((one) => one[kind] as number)));
  const all = mean(ofModel);
  let squares = 0;
  levels.forEach((row, model) => {
    row.forEach((level, kind) => {
      squares += (level - (ofModel[model] as number) - (ofKind[kind] as number) + all) ** 2;
    });
  });
  return squares / ((models.length - 1) * (kinds - 1));
};

/** Output price by size, of the models whose names tell it: what a model on one's own machine would cost elsewhere. */
const fitPriceBySize = (models: readonly LabelledModel[]): Mapping["priceBySize"] => {
  const sized = models.flatMap(({ name, outputUsdPerMillion }) => {
    const { billions } = readModelName(name);
    return billions === undefined ? [] : [{ size: Math.log(billions), price: Math.log(outputUsdPerMillion) }];
  });
  const size = mean(sized.map((one) => one.size));
  const price = mean(sized.map((one) => one.price));
  const spread = sized.reduce((sum, one) => sum + (one.size - size) ** 2, 0) + 1e-6;
  const slope = sized.reduce((sum, one) => sum + (one.size - size) * (one.price - price), 0) / spread;
  return { billions: Math.exp(size), logUsd: price, perLogBillion: slope };
};

/** How far what a model is over its facts is so of its other snapshots too: a slope through the origin, over all pairs. */
const fitSnapshots = (models: readonly (KnownModel & { readonly over: number })[]): Mapping["snapshot"] => {
  const named = models.map((model) => ({ ...model, read: readModelName(model.name) }));
  const found = named.flatMap((one) =>
    named
      .filter((other) => kinshipOf(one.read, other.read) === "snapshot")
      .map((other) => [one.over, other.over] as const),
  );
  const spread = mean(models.map(({ over }) => over ** 2));
  const borrowed = 2 * borrowedPairs;
  const products = found.reduce((sum, [one, other]) => sum + one * other, borrowed * spread);
  const squares = found.reduce((sum, [, other]) => sum + other ** 2, borrowed * spread);
  const share = Math.max(0, Math.min(1, products / squares));
  const left = found.reduce((sum, [one, other]) => sum + (one - share * other) ** 2, borrowed * spread);
  return { share, variance: left / (found.length + borrowed), pairs: found.length / 2 };
};

/**
 * Fits what maps models to those of the labelled sets: quality by price and release (each set with a level of its own), and
 * how much of what is left over snapshots share. Throws nothing; needs a set of three models at least.
 */
export const fitMapping = (labelled: readonly LabelledModel[]): Mapping => {
  const prices = labelled.map(({ outputUsdPerMillion }) => Math.log(outputUsdPerMillion));
  const centre = { logUsd: mean(prices), year: mean(labelled.map(({ year }) => year)) };
  const models = labelled.map((model) => ({
    ...model,
    level: logit(Math.min(0.99, Math.max(0.01, model.quality))),
    price: Math.log(model.outputUsdPerMillion) - centre.logUsd,
    age: model.year - centre.year,
  }));
  const facts = fitFacts(models);
  const byFacts = ({ price, age }: Centred): number => facts.perLogUsd * price + facts.perYear * age;
  const bySet = Map.groupBy(models, ({ set }) => set);
  const levelOf = new Map([...bySet].map(([set, held]) => [set, mean(held.map((one) => one.level - byFacts(one)))]));
  const over = models.map((model) => ({
    ...{ name: model.name, usd: model.outputUsdPerMillion, year: model.year },
    ability: model.level - (levelOf.get(model.set) as number),
    over: model.level - (levelOf.get(model.set) as number) - byFacts(model),
  }));
  // Of the set with the most kinds of task: those of the others are too much alike to tell.
  const [most] = [...bySet.values()].toSorted((a, b) => (b[0]?.tasks.length ?? 0) - (a[0]?.tasks.length ?? 0));
  const betweenKinds = interactionOf(most ?? []);
  return {
    ...{ level: mean([...levelOf.values()]), centre, ...facts },
    snapshot: fitSnapshots(over),
    // Three kinds of task tell of many others what the mean of three tells.
    transfer: betweenKinds / 3,
    priceBySize: fitPriceBySize(labelled),
    models: [...Map.groupBy(over, ({ name }) => name)].map(([name, held]) => ({
      name,
      usd: Math.exp(mean(held.map(({ usd }) => Math.log(usd)))),
      year: mean(held.map(({ year }) => year)),
      ability: mean(held.map(({ ability }) => ability)),
    })),
  };
};

import type { Target } from "../../../core/model.ts";
import { type Kinship, type KnownModel, kinshipOf, type Mapping } from "./mapping.ts";
import { type ModelName, readModelName } from "./read-model-name.ts";

/** How a model was found: itself, by kin, by its price, size or release, or not at all. */
export type MappingStep = "exact" | Kinship | "facts" | "usual";

/** What is expected of a model that the sets may not tell of. */
export interface MappedModel {
  readonly step: MappingStep;
  /** The model of the sets that it is judged by, or whose price or release stand for its own; absent: none. */
  readonly like?: string;
  /** Quality over that of a model in the middle of all, in logits. */
  readonly ability: number;
  /** What it is over `like` in an exact match or a snapshot, else over a model in the middle. */
  readonly shift: number;
  /** How much of what `like` is over its own facts counts, 0–1. */
  readonly share: number;
  /** How far the truth may lie from it on other work, in squared logits. */
  readonly variance: number;
}

const yearMilliseconds = 365.25 * 24 * 3_600_000;
/** Year of a date, with its fraction. */
export const yearOf = (milliseconds: number): number => 1970 + milliseconds / yearMilliseconds;

/** Names that stand for a model without saying so: tags without a size, and snapshots that are a version. */
const aliases: readonly (readonly [name: RegExp, meaning: string])[] = [
  [/^llama-?3\.1$/, "llama-3.1-8b"],
  [/^llama-?3$/, "llama-3-8b"],
  [/^qwen-?2$/, "qwen2-7b"],
  [/^qwen-?2\.5$/, "qwen2.5-7b"],
  [/^gemma-?2$/, "gemma-2-9b"],
  [/^mistral$/, "mistral-7b"],
  [/^mixtral$/, "mixtral-8x7b"],
  [/^codegemma$/, "codegemma-7b"],
  [/^phi-?3\.5$/, "phi-3.5-mini"],
  [/^mistral-large-2407$/, "mistral-large-2"],
];

const readAliased = (name: string): ModelName => {
  const last = name.slice(0, 200).toLowerCase().split("/").at(-1) ?? "";
  const plain = last.replace(/:latest$/, "");
  return readModelName(aliases.find(([pattern]) => pattern.test(plain))?.[1] ?? name);
};

interface Fact {
  readonly price: number;
  readonly age: number;
  /** Variance by what is not known. */
  readonly missing: number;
  /** Whether price or release are those of kin. */
  readonly isFilled: boolean;
}

/** Releases count so far beyond the newest that the sets tell of: whether progress goes on so is not known. */
const mostYearsAhead = 2;
const clamp = (value: number, from: number, to: number): number => Math.min(to, Math.max(from, value));

const rangeOf = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)];

const varianceOf = (values: readonly number[]): number => {
  const middle = values.reduce((sum, one) => sum + one, 0) / values.length;
  return values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / values.length;
};

/** What is the same for all models of a mapping. */
interface Frame {
  readonly mapping: Mapping;
  readonly names: readonly { readonly model: KnownModel; readonly name: ModelName }[];
  readonly logUsd: readonly [number, number];
  readonly year: readonly [number, number];
  readonly priceVariance: number;
  readonly ageVariance: number;
}

const frameOf = (mapping: Mapping): Frame => {
  const prices = mapping.models.map(({ usd }) => Math.log(usd));
  const years = mapping.models.map(({ year }) => year);
  return {
    mapping,
    names: mapping.models.map((model) => ({ model, name: readModelName(model.name) })),
    logUsd: rangeOf(prices),
    year: rangeOf(years),
    priceVariance: mapping.perLogUsd ** 2 * varianceOf(prices),
    ageVariance: mapping.perYear ** 2 * varianceOf(years),
  };
};

type Known = Pick<Target, "model" | "facts">;

const statedLogUsd = ({ facts }: Known): number | undefined => {
  const usd = facts.price?.output;
  return usd !== undefined && Number.isFinite(usd) && usd > 0 ? Math.log(usd) : undefined;
};

const statedYear = ({ facts }: Known): number | undefined => {
  const time = Date.parse(facts.releaseDate ?? "");
  return Number.isNaN(time) ? undefined : yearOf(time);
};

const logUsdBySize = ({ priceBySize }: Mapping, { billions }: ModelName): number | undefined =>
  billions === undefined || billions <= 0
    ? undefined
    : priceBySize.logUsd + priceBySize.perLogBillion * Math.log(billions / priceBySize.billions);

/** Price and age over the middle of all; what is not stated is as that of `like`, or in the middle. */
const factOf = (frame: Frame, known: Known, name: ModelName, like: KnownModel | undefined): Fact => {
  const { mapping, logUsd: priceRange, year: yearRange } = frame;
  const { centre } = mapping;
  const stated = { logUsd: statedLogUsd(known), year: statedYear(known) };
  const logUsd = stated.logUsd ?? (like === undefined ? logUsdBySize(mapping, name) : Math.log(like.usd));
  const year = stated.year ?? like?.year;
  return {
    price: logUsd === undefined ? 0 : clamp(logUsd, ...priceRange) - centre.logUsd,
    age: year === undefined ? 0 : clamp(year, yearRange[0], yearRange[1] + mostYearsAhead) - centre.year,
    missing: (logUsd === undefined ? frame.priceVariance : 0) + (year === undefined ? frame.ageVariance : 0),
    isFilled: stated.logUsd === undefined || stated.year === undefined,
  };
};

const byFacts = ({ perLogUsd, perYear }: Mapping, { price, age }: Pick<Fact, "price" | "age">): number =>
  perLogUsd * price + perYear * age;

/** Variance of the coefficients, at a place: the further from the models that they were fitted on, the more. */
const leverage = ({ covariance: [pp, pa, aa] }: Mapping, price: number, age: number): number =>
  pp * price * price + 2 * pa * price * age + aa * age * age;

/** The nearest kinship first. */
const stepOrder: Readonly<Record<Kinship | "same", number>> = { same: 0, snapshot: 1, version: 2, size: 3 };

interface Kin {
  readonly model: KnownModel;
  readonly kinship: Kinship | "same";
}

/** How far apart two kin are, within one kinship. */
const distanceOf = (one: ModelName, other: ModelName): number => {
  const versions = Math.abs((one.version ?? 0) - (other.version ?? 0));
  const sizes =
    one.billions === undefined || other.billions === undefined ? 0 : Math.abs(Math.log(one.billions / other.billions));
  return versions + sizes;
};

const nearestKin = ({ names }: Frame, name: ModelName): Kin | undefined => {
  const found = names.flatMap(({ model, name: other }) => {
    const related = kinshipOf(name, other);
    if (related === undefined) return [];
    // A name without a snapshot stands for the newest one.
    const kinship =
      related === "snapshot" && name.snapshot === undefined && name.version === other.version ? "same" : related;
    return [{ model, kinship, distance: distanceOf(name, other) }];
  });
  return found.toSorted(
    (a, b) => stepOrder[a.kinship] - stepOrder[b.kinship] || a.distance - b.distance || b.model.year - a.model.year,
  )[0];
};

/** Another snapshot: what it is over its facts counts. */
const bySnapshot = ({ mapping }: Frame, model: KnownModel, fact: Fact): MappedModel => {
  const { centre, snapshot } = mapping;
  const { share, variance } = snapshot;
  const [price, age] = [Math.log(model.usd) - centre.logUsd, model.year - centre.year];
  const ability = byFacts(mapping, fact) + share * (model.ability - byFacts(mapping, { price, age }));
  const apart = leverage(mapping, fact.price - share * price, fact.age - share * age);
  return {
    ...{ step: "snapshot", like: model.name, share, shift: ability - model.ability },
    ...{ ability, variance: mapping.transfer + variance + apart },
  };
};

/**
 * Maps models to those of the labelled sets: the same one by its name; another snapshot of it; else by price and release,
 * and where those are not known by what they are of kin in the family: the version beside it, another size. What kin are
 * over their facts does not count: with models hidden in turn it made things worse (`bench/routing/model-mapping.ts`).
 */
export const openMapping = (mapping: Mapping): ((target: Known) => MappedModel) => {
  const frame = frameOf(mapping);
  return (target) => {
    const name = readAliased(target.model);
    const kin = nearestKin(frame, name);
    if (kin?.kinship === "same")
      return {
        ...{ step: "exact", like: kin.model.name, share: 1, shift: 0 },
        ...{ ability: kin.model.ability, variance: mapping.transfer },
      };
    const fact = factOf(frame, target, name, kin?.model);
    if (kin?.kinship === "snapshot") return bySnapshot(frame, kin.model, fact);
    const ability = byFacts(mapping, fact);
    const around = mapping.variance + leverage(mapping, fact.price, fact.age) + fact.missing;
    const isFilled = kin !== undefined && fact.isFilled;
    const isKnown = fact.price !== 0 || fact.age !== 0;
    return {
      step: isFilled ? kin.kinship : isKnown ? "facts" : "usual",
      ...(isFilled ? { like: kin.model.name } : {}),
      ...{ share: 0, shift: ability, ability, variance: mapping.transfer + around },
    };
  };
};

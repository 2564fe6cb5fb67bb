import type { ModelName } from "./read-model-name.ts";

/** A model that the shipped sets tell of. */
export interface KnownModel {
  readonly name: string;
  /** For a million output tokens. */
  readonly usd: number;
  /** Of its release, with the fraction. */
  readonly year: number;
  /** Quality over that of a model in the middle of all, in logits, on one scale for all sets. */
  readonly ability: number;
}

/** Another snapshot of the same model; the version before or after, of the same size; another size of the same version. */
export type Kinship = "snapshot" | "version" | "size";

/** What maps models to those of the sets, as `fitMapping` finds it. */
export interface Mapping {
  /** Logit of the quality of a model in the middle of all, over the sets. */
  readonly level: number;
  readonly centre: { readonly logUsd: number; readonly year: number };
  readonly perLogUsd: number;
  readonly perYear: number;
  /** Of what facts leave over, in squared logits. */
  readonly variance: number;
  /** Of the two coefficients: price with itself, with the year, year with itself. */
  readonly covariance: readonly [number, number, number];
  /** The share of what a model is over its facts that its other snapshots are, too; what is then left over; and of how many pairs. */
  readonly snapshot: { readonly share: number; readonly variance: number; readonly pairs: number };
  /** How far its level on other work lies from that on the sets. */
  readonly transfer: number;
  /** Output price in logarithms of USD: at so many billions, and for each logarithm more of them. */
  readonly priceBySize: { readonly billions: number; readonly logUsd: number; readonly perLogBillion: number };
  readonly models: readonly KnownModel[];
}

/** Sizes this near count as one: makers round. */
const sizeTolerance = 0.15;
/** Versions further apart are no neighbours. */
const mostVersions = 1;

const isSameSize = (one: ModelName, other: ModelName): boolean => {
  if (one.marks !== other.marks) return false;
  if (one.billions === undefined || other.billions === undefined) return one.billions === other.billions;
  return Math.abs(Math.log(one.billions / other.billions)) < sizeTolerance;
};

/** How two names are related: the same model, kin of some kind, or undefined where neither is known to be. */
export const kinshipOf = (one: ModelName, other: ModelName): Kinship | "same" | undefined => {
  if (one.family === "" || one.family !== other.family || one.line !== other.line) return undefined;
  const isSameVersion = one.version === other.version;
  if (!isSameSize(one, other)) return isSameVersion && one.version !== undefined ? "size" : undefined;
  if (isSameVersion) return one.snapshot === other.snapshot ? "same" : "snapshot";
  // One of them does not say which it is.
  if (one.version === undefined || other.version === undefined) return "snapshot";
  return Math.abs(one.version - other.version) <= mostVersions ? "version" : undefined;
};

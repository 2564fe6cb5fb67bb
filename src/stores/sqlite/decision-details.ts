import type { Decision, DecisionDetail, ExpectedAction } from "../../core/decision.ts";
import type { FoldedCall } from "../../core/ports/ledger-store.ts";
import { fromJson } from "./tables.ts";

/** What of a detail stands in its row. */
export interface DetailColumns {
  readonly detail_json: string;
  readonly features: string | null;
  readonly user_id: string | null;
}

/** An expected action: its name, then numbers, then those of its terms in the order of their names. */
type PackedAction = readonly [string, ...(number | null)[]];
type Shown = Omit<DecisionDetail, "expected" | "features" | "userId">;
interface PackedDetail extends Shown {
  readonly terms: readonly string[];
  readonly packed: readonly PackedAction[];
}

/** Six digits are more than any of these numbers is good for, and half of what they take else. */
const brief = (value: number | undefined): number | null =>
  typeof value === "number" && Number.isFinite(value) ? Number(value.toPrecision(6)) : null;

const packAction = (action: ExpectedAction, terms: readonly string[]): PackedAction => {
  const { quality, lower, upper, costUsd, latencyMilliseconds, utility } = action;
  const numbers = [
    quality,
    lower,
    upper,
    costUsd,
    latencyMilliseconds,
    utility,
    ...terms.map((n) => action.terms?.[n]),
  ];
  return [action.action, ...numbers.map(brief)];
};

const unpackAction = (packed: PackedAction, terms: readonly string[]): ExpectedAction => {
  const [action, quality, lower, upper, costUsd, latencyMilliseconds, utility, ...weights] = packed;
  const told = terms.flatMap((name, place) => {
    const weight = weights[place];
    return typeof weight === "number" ? [[name, weight] as const] : [];
  });
  const number = (value: number | null | undefined): number => value ?? Number.NaN;
  return {
    action,
    quality: number(quality),
    lower: number(lower),
    upper: number(upper),
    costUsd: number(costUsd),
    ...(typeof latencyMilliseconds === "number" ? { latencyMilliseconds } : {}),
    utility: number(utility),
    ...(told.length === 0 ? {} : { terms: Object.fromEntries(told) }),
  };
};

/** The columns of a detail. */
export const packDetail = ({ expected, features, userId, ...shown }: DecisionDetail): DetailColumns => {
  const terms = [...new Set(expected.flatMap((action) => Object.keys(action.terms ?? {})))];
  const packed: PackedDetail = { ...shown, terms, packed: expected.map((action) => packAction(action, terms)) };
  return { detail_json: JSON.stringify(packed), features: features ?? null, user_id: userId ?? null };
};

/** The detail of its columns. */
export const unpackDetail = ({ detail_json, features, user_id }: DetailColumns): DecisionDetail => {
  const { terms, packed, ...shown } = fromJson<PackedDetail>(detail_json);
  return {
    ...shown,
    expected: packed.map((action) => unpackAction(action, terms)),
    ...(features === null ? {} : { features }),
    ...(user_id === null ? {} : { userId: user_id }),
  };
};

// In a decision's JSON these characters stand nowhere else: within texts, quotes are escaped.
const mark = '"detail":{';

export interface ApartDecision {
  /** Without the detail; as JSON. */
  readonly decision: string;
  readonly detail: DecisionDetail;
}

/** The decision and its detail, each by itself; undefined where there is no detail. */
export const takeApart = ({ decision }: FoldedCall): ApartDecision | undefined => {
  if (decision === null) return undefined;
  if (typeof decision === "string" ? !decision.includes(mark) : decision.detail === undefined) return undefined;
  const { detail, ...rest } = typeof decision === "string" ? fromJson<Decision>(decision) : decision;
  // Of another version's, nothing is known: it stays with its call.
  if (typeof detail?.action !== "string" || !Array.isArray(detail.expected)) return undefined;
  return { decision: JSON.stringify(rest), detail };
};

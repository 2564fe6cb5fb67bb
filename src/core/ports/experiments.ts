/** What arms are compared by. `cost` in USD per call, `latency` in milliseconds of calls that succeeded, `errors` and `reward` 0–1. */
export const experimentMetrics = ["reward", "cost", "latency", "errors"] as const;
export type ExperimentMetric = (typeof experimentMetrics)[number];

/** Whose calls stay together: those of a user, a session or a key, or each call by itself. */
export const assignmentUnits = ["user", "session", "key", "call"] as const;
export type AssignmentUnit = (typeof assignmentUnits)[number];

/** Sums over units of assignment: y is the sum of what a unit's calls came to, n how many calls it had. */
export interface UnitSums {
  readonly units: number;
  /** Σ n. */
  readonly calls: number;
  /** Σ y. */
  readonly sum: number;
  /** Σ y². */
  readonly squares: number;
  /** Σ y·n. */
  readonly products: number;
  /** Σ n². */
  readonly callSquares: number;
}

export interface ArmSums {
  readonly arm: string;
  readonly units: number;
  readonly calls: number;
  readonly metrics: Readonly<Record<ExperimentMetric, UnitSums>>;
}

/** Times are milliseconds since 1970; `since` is included, `until` is not. */
export interface TrialFilter {
  readonly tenant?: string;
  readonly since?: number;
  readonly until?: number;
}

/** Pairs of a client's call and its shadow. Differences are the shadow's less the client's. */
export interface ShadowSums {
  readonly pairs: number;
  /** Costs in USD, of each. */
  readonly servedUsd: number;
  readonly shadowUsd: number;
  readonly cost: UnitSums;
  /** Milliseconds, where both succeeded. */
  readonly latency: UnitSums;
  /** Shadows that failed; the client's calls did not. */
  readonly errors: UnitSums;
  /** Pairs whose answers could be compared, and how many were the same. */
  readonly agreement: UnitSums;
  /** What a judge said of the shadow's answer beside the client's: 1 where it is the better one, a half for a tie. */
  readonly judged: UnitSums;
}

/** Reads what experiments and shadows came to, as far as the journal is folded. Throws `storage_unavailable`. */
export interface ExperimentStore {
  armSums(experiment: string, filter: TrialFilter): Promise<readonly ArmSums[]>;
  shadowSums(route: string, filter: TrialFilter): Promise<ShadowSums>;
}

/** A mean per call with its interval, which holds at every look at once. */
export interface Estimate {
  readonly calls: number;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ArmReport {
  readonly arm: string;
  readonly weight: number;
  readonly units: number;
  readonly calls: number;
  /** Null where nothing is known yet. */
  readonly estimates: Readonly<Record<ExperimentMetric, Estimate | null>>;
}

/** An arm beside the control: its mean less the control's. */
export interface Comparison {
  readonly arm: string;
  readonly metric: ExperimentMetric;
  readonly difference: number;
  readonly lower: number;
  readonly upper: number;
  /** Holds at every look, too. */
  readonly pValue: number;
}

/**
 * `mismatch`: units are not shared out as configured, so nothing is to be believed. `collecting`: too few units.
 * `decided`: the interval of the metric that counts leaves zero out. `undecided`: it does not, so far.
 */
export interface Verdict {
  readonly kind: "mismatch" | "collecting" | "undecided" | "decided";
  /** The arm to take; null where nothing says so. */
  readonly best: string | null;
  /** One sentence for people. */
  readonly text: string;
}

/** `waiting` and `over`: outside of its time. */
export type ExperimentState = "running" | "stopped" | "waiting" | "over";

/** An experiment as it is configured. */
export interface ExperimentOutline {
  readonly name: string;
  readonly route: string;
  readonly state: ExperimentState;
  readonly unit: AssignmentUnit;
  readonly share: number;
  readonly control: string;
  readonly primary: ExperimentMetric;
  readonly arms: readonly { readonly arm: string; readonly weight: number; readonly changes: readonly string[] }[];
}

export interface ExperimentReport extends Omit<ExperimentOutline, "arms"> {
  readonly confidence: number;
  readonly minimumUnits: number;
  readonly arms: readonly ArmReport[];
  readonly comparisons: readonly Comparison[];
  readonly sampleRatioPValue: number;
  readonly verdict: Verdict;
}

/** What the shadow of a route came to. Differences are the shadow's less the client's. */
export interface ShadowReport {
  readonly route: string;
  /** `provider/model`, or the kind of strategy that chooses among the route's targets. */
  readonly runs: string;
  readonly share: number;
  readonly maxUsdPerDay: number;
  readonly pairs: number;
  readonly servedUsd: number;
  readonly shadowUsd: number;
  readonly cost: Estimate | null;
  readonly latency: Estimate | null;
  readonly errors: Estimate | null;
  readonly agreement: Estimate | null;
  readonly judged: Estimate | null;
}

/** Experiments and shadows as a caller of a tenant, or of all, may see them. */
export interface Experiments {
  list(): readonly ExperimentOutline[];
  /** Undefined where there is no such experiment. */
  report(name: string, filter: TrialFilter): Promise<ExperimentReport | undefined>;
  shadows(): Promise<readonly ShadowReport[]>;
}

/** One state of what a route has learned, kept so that it can serve again. */
export interface PolicyVersion {
  /** From 1. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Rewards that it was learned from. */
  readonly rewards: number;
  /** Why it was kept, for people. */
  readonly reason: string;
}

/** A part of the calls is decided by what is newest, until it is known to be no worse than the version that serves. */
export interface Canary {
  /** 0–1. */
  readonly share: number;
  /** Judged calls of either before anything is decided. */
  readonly minCalls: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What one side of a canary came to: judged calls, and their mean utility. */
export interface CanaryArm {
  readonly calls: number;
  readonly utility: number;
}

/** Against one target, or the mixture of two: the gain, and the lower end of its 95 % interval. */
export interface PolicyLift {
  readonly against: string;
  readonly value: number;
  readonly lower: number;
}

export interface PolicyStatus {
  readonly route: string;
  /** Whether the policy decides, or is only computed while the best single target serves. */
  readonly gate: {
    readonly mode: "shadow" | "serving";
    readonly reason: string;
    readonly judged: number;
    readonly overConstant: PolicyLift | null;
    readonly overZeroRouter: PolicyLift | null;
  };
  /** Calls and rewards that were learned from. */
  readonly calls: number;
  readonly rewards: number;
  /** Quality (0–1) that a USD must buy. */
  readonly lambda: number;
  /** What trials have cost so far. */
  readonly trialsUsd: number;
  /** The newest, or the version that the route is held at. */
  readonly served: "newest" | number;
  readonly canary: (Canary & { readonly newest: CanaryArm; readonly served: CanaryArm }) | null;
  /** Newest first. */
  readonly versions: readonly PolicyVersion[];
}

export type PolicyAct =
  /** What is newest becomes a version, which serves from now on; learning goes on unseen. */
  | { readonly kind: "freeze" }
  /** What is newest serves again. */
  | { readonly kind: "unfreeze" }
  /** A version serves from now on; the one before what serves where none is named. */
  | { readonly kind: "rollback"; readonly version?: number | undefined }
  /** What is newest serves again; with a canary first for a share of the calls, and for all by itself. */
  | { readonly kind: "promote"; readonly canary?: Pick<Canary, "share" | "minCalls"> | undefined };

/**
 * Policies of routes that learn. Throws `not_found` where a route does not learn or a version is not there,
 * `storage_unavailable`.
 */
export interface Policies {
  status(route: string): Promise<PolicyStatus>;
  act(route: string, act: PolicyAct): Promise<PolicyStatus>;
}

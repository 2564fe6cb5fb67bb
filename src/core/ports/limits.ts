import type { Priority } from "../priority.ts";

/** What a limit is counted for: each key, team, tenant, model or route by itself, or everybody together. */
export const limitScopes = ["key", "team", "tenant", "model", "route", "everyone"] as const;
export type LimitScope = (typeof limitScopes)[number];

/** What may be limited: calls and tokens within a window, and calls that are open at once. */
export type LimitedAmount = "requests" | "tokens" | "concurrent";

/**
 * One counter that a call counts against, and how far that may go. The counter belongs to scope, subject and window;
 * the limits come anew with each call, so that a changed limit meets the counts of before. Of one call no two claims
 * have the same counter.
 */
export interface Claim {
  /** Beside those of rules: `feedback`, how much of it each giver may give. */
  readonly scope: LimitScope | "feedback";
  /** Whose counter it is: a key's id, the name of a team, a model and so on. */
  readonly subject: string;
  /** 0: not within a window, but at once; only `concurrent` is limited then, and only there. */
  readonly windowMilliseconds: number;
  readonly requests?: number;
  readonly tokens?: number;
  readonly concurrent?: number;
  /** Where these limits are only the share that this priority may use: for people, in a refusal. */
  readonly priority?: Priority;
}

/** What a call wants before it may go on. */
export interface Demand {
  /** The call's id; the reservation has the same. */
  readonly id: string;
  /** What it may take at most, estimated. */
  readonly tokens: number;
  readonly claims: readonly Claim[];
}

/** How one limit stands. `resetMilliseconds`: until nothing counts against it any more, if no call comes. */
export interface Meter {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMilliseconds: number;
}

/** The limits of each kind that have the least left, for the client to see; absent where none is of the kind. */
export interface LimitStanding {
  readonly requests?: Meter;
  readonly tokens?: Meter;
}

/**
 * `refused` names the claim that takes longest to be met, and what of it. `waitMilliseconds`: the same demand is granted
 * then, if nobody else comes; null where it can never be, or (`concurrent`) where nobody knows when a call will end.
 */
export type Reserved =
  | { readonly kind: "granted"; readonly standing: LimitStanding }
  | {
      readonly kind: "refused";
      /** Its place among the demand's claims. */
      readonly claim: number;
      readonly amount: LimitedAmount;
      readonly waitMilliseconds: number | null;
      readonly standing: LimitStanding;
    };

/** How a reservation ended. */
export interface Settlement {
  readonly id: string;
  /** What was really taken. */
  readonly tokens: number;
  /** Claims, by their place, that turned out not to concern the call: they get everything back. */
  readonly unused: readonly number[];
}

/**
 * Counts calls against limits. All claims of one demand are met, or none is counted; of each counter no more than its
 * limit is granted in any stretch of time as long as its window, whoever asks in parallel. Asynchronous by contract,
 * since with several processes the counters are one; those of one process answer at once.
 */
export interface Limits {
  /** A reservation that was granted ends by `settle` or `release`, whichever comes first. Throws `storage_unavailable`. */
  reserve(demand: Demand): Reserved | Promise<Reserved>;
  /** The call is over: its tokens are put right, and it is not open any more. */
  settle(settlement: Settlement): void;
  /** The call came to nothing: it counts for nothing. */
  release(id: string): void;
}

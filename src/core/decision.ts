/** One candidate of a decision: where it was ranked and why, or why it was excluded. */
export interface DecisionCandidate {
  readonly target: string;
  readonly score?: number;
  readonly reason: string;
  readonly excluded?: true;
}

/** Why a call went where it went; kept with the call in the ledger. */
export interface Decision {
  readonly strategy: string;
  /** Ranked candidates, best first, then the excluded ones. */
  readonly candidates: readonly DecisionCandidate[];
  /** One sentence for people. */
  readonly reason: string;
  /** Set where the strategy failed and the route's own order was taken instead. */
  readonly fallback?: string;
  /** What happened on the way that the ranking did not foresee: circuits open, rescues, hedges. In order. */
  readonly notes?: readonly string[];
}

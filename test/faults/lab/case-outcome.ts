import type { Edge } from "../client/edges.ts";
import type { Received } from "../client/raw-call.ts";
import type { ReadAnswer } from "../client/read-answer.ts";
import type { UpstreamDialect } from "../upstream/asked.ts";
import type { Dispatch } from "../upstream/journal.ts";
import type { AttemptRow, CallRow } from "./ledger.ts";
import type { Scenario, Shape, TargetPlan } from "./scenario.ts";

/** One case: a scenario at one edge, in front of one upstream's dialect, in one shape, with one seed. */
export interface Case {
  readonly id: string;
  readonly scenario: Scenario;
  readonly edge: Edge;
  readonly dialect: UpstreamDialect;
  readonly shape: Shape;
  readonly seed: number;
  readonly targets: readonly CaseTarget[];
}

export interface CaseTarget extends TargetPlan {
  readonly provider: string;
  readonly model: string;
}

/** All that is known of a case when it is over. */
export interface CaseOutcome {
  readonly one: Case;
  readonly received: Received;
  readonly answer: ReadAnswer;
  readonly dispatches: readonly Dispatch[];
  readonly calls: readonly CallRow[];
  readonly attempts: readonly AttemptRow[];
  /** The log's entries of the call. */
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}

export const caseName = ({ scenario, edge, dialect, shape, seed }: Case): string =>
  `${scenario.name}; ${edge} → ${dialect}, ${shape}, seed ${seed}`;

import type { BeliefsState } from "./beliefs.ts";
import type { ConstantScoresState } from "./constant-scores.ts";
import type { CorrectionsState } from "./corrections.ts";
import type { ExplorationState } from "./exploration-ledger.ts";
import type { GateState } from "./gate.ts";
import type { PacerState } from "./pacer.ts";
import type { ClustersState } from "./prompt-clusters.ts";

/** What a route has learned, as JSON. Outcomes one by one are not in it: they stand in the store. */
export interface RouteLearningState {
  readonly format: 1;
  readonly calls: number;
  readonly rewards: number;
  /** Start of the newest call that is in it, milliseconds since 1970. */
  readonly newestAt: number;
  /** When the newest word of feedback was given that is in it. */
  readonly newestFeedbackAt: number;
  readonly clusters: ClustersState;
  readonly beliefs: BeliefsState;
  readonly costs: CorrectionsState;
  readonly durations: CorrectionsState;
  /** By the goal that each paces. */
  readonly pacers: readonly (readonly [goal: string, pacer: PacerState])[];
  readonly gate: GateState | undefined;
  readonly constants: ConstantScoresState;
  readonly qualities: ConstantScoresState;
  readonly exploration: ExplorationState;
  readonly facts: readonly (readonly [target: string, facts: string])[];
}

/** Nothing learned yet. */
export const emptyState: RouteLearningState = {
  format: 1,
  calls: 0,
  rewards: 0,
  newestAt: 0,
  newestFeedbackAt: 0,
  clusters: { prompts: 0, rareness: [], centres: [] },
  beliefs: {},
  costs: [],
  durations: [],
  pacers: [],
  gate: undefined,
  constants: [],
  qualities: [],
  exploration: { spentUsd: 0 },
  facts: [],
};

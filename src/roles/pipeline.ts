import { compilePipeline, type Next, type Stage } from "../core/call.ts";
import { type BudgetStageParts, budgetStage, changesCalls } from "../limits/budgets/stage.ts";
import { type LimitsStageParts, limitsStage } from "../limits/stage.ts";
import { type BesideStageParts, besideStage } from "../routing/beside/stage.ts";
import { type ExperimentsStageParts, experimentsStage } from "../routing/experiments/stage.ts";
import { previewStage, routingStage } from "../routing/stage.ts";

export interface PipelineParts {
  /** Budgets that change calls on their way; the money itself is held before each dispatch, in the last stage. */
  readonly budgets: BudgetStageParts | undefined;
  readonly experiments: ExperimentsStageParts | undefined;
  /** Shadows and judges: what asks more once a call is over. */
  readonly beside: BesideStageParts | undefined;
  /** Its stage stands even without rules: keys may have limits of their own. */
  readonly limits: LimitsStageParts | undefined;
  /** What the last stage needs: how to reach a target, and what is known of it now. */
  readonly routing: Parameters<typeof routingStage>[0];
}

/**
 * Every stage between the edge and the upstream, in order. A reader who has seen this array knows the program. Stages
 * that a configuration does not use are left out here, so that what is off costs nothing.
 */
const stagesOf = ({ budgets, experiments, limits, beside }: PipelineParts): readonly Stage[] => [
  ...(budgets === undefined || !changesCalls(budgets.compiled) ? [] : [budgetStage(budgets)]),
  ...(experiments === undefined ? [] : [experimentsStage(experiments)]),
  ...(limits === undefined ? [] : [limitsStage(limits)]),
  ...(beside === undefined ? [] : [besideStage(beside)]),
];

export const createPipeline = (parts: PipelineParts): Next =>
  compilePipeline(stagesOf(parts), routingStage(parts.routing));

/** Only what changes where a call goes: nothing is counted against limits, and nobody is called. */
export const createPreview = ({ budgets, experiments, routing }: PipelineParts): Next =>
  compilePipeline(
    stagesOf({ budgets, experiments, limits: undefined, beside: undefined, routing }),
    previewStage(routing),
  );

import { compilePipeline, type Next, type Stage } from "../core/call.ts";
import { routingStage } from "../routing/stage.ts";

/** What the last stage needs: how to reach a target, and what is known of it now. */
export type PipelineParts = Parameters<typeof routingStage>[0];

/**
 * Every stage between the edge and the upstream, in order. A reader who has seen this array knows the program. Stages
 * that a configuration does not use are left out here, so that what is off costs nothing.
 */
const stages: readonly Stage[] = [];

export const createPipeline = (parts: PipelineParts): Next => compilePipeline(stages, routingStage(parts));

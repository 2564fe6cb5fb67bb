import { z } from "zod";
import { assignmentUnits, experimentMetrics } from "../../core/ports/experiments.ts";
import { targetsSchema } from "../route-targets.ts";
import { strategySchema } from "../strategies/index.ts";

const name = z.string().regex(/^[\w.-]{1,64}$/, "expected up to 64 letters, digits, '_', '.' and '-'");
const moment = z.iso.datetime({ offset: true, error: "expected a moment such as 2026-11-26T08:00:00Z" });

/** What a route has otherwise for calls of this arm. */
const armSchema = z.strictObject({
  weight: z.number().gt(0).max(1_000_000).default(1),
  strategy: strategySchema.optional(),
  targets: targetsSchema.optional(),
});

/** One entry under `experiments`. */
export const experimentSchema = z
  .strictObject({
    route: z.string(),
    /** `stopped`: calls go as the route says, and what was counted stays. */
    state: z.enum(["running", "stopped"]).default("running"),
    /** Calls that begin before or after are none of it. */
    from: moment.optional(),
    until: moment.optional(),
    unit: z.enum(assignmentUnits).default("call"),
    /** Of the units, so many take part. */
    share: z.number().gt(0).max(1).default(1),
    /** Another seed shares all units out anew. */
    seed: z.string().max(200).optional(),
    arms: z
      .record(name, armSchema)
      .refine((arms) => Object.keys(arms).length >= 2, "expected two arms at least")
      .refine((arms) => Object.keys(arms).length <= 10, "expected ten arms at most"),
    /** The arm that the others are compared with; the first where absent. */
    control: z.string().optional(),
    /** What the verdict is made by. */
    primary: z.enum(experimentMetrics).default("cost"),
    confidence: z.number().min(0.5).max(0.999).default(0.95),
    /** Of each arm, before anything is compared. */
    minimumUnits: z.number().int().min(50).max(10_000_000).default(100),
  })
  .superRefine(({ arms, control, from, until }, context) => {
    if (control !== undefined && !Object.hasOwn(arms, control))
      context.addIssue({ code: "custom", path: ["control"], message: `there is no arm '${control}'` });
    if (from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until))
      context.addIssue({ code: "custom", path: ["until"], message: "must lie after 'from'" });
  });
export type ExperimentSettings = z.output<typeof experimentSchema>;

/** The `experiments` key. */
export const experimentsSchema = z
  .record(name, experimentSchema)
  .refine((experiments) => Object.keys(experiments).length <= 100, "expected 100 experiments at most")
  .default({});

/** The arm that the others are compared with. */
export const controlOf = ({ arms, control }: Pick<ExperimentSettings, "arms" | "control">): string =>
  control ?? (Object.keys(arms)[0] as string);

/** The fields of the route that an experiment changes in any of its arms. */
export const changedFields = ({ arms }: Pick<ExperimentSettings, "arms">): ReadonlySet<"strategy" | "targets"> =>
  new Set(
    Object.values(arms).flatMap((arm) => [
      ...(arm.strategy === undefined ? [] : (["strategy"] as const)),
      ...(arm.targets === undefined ? [] : (["targets"] as const)),
    ]),
  );

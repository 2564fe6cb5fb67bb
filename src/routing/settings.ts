import { z } from "zod";
import { judgeSchema } from "./judge/settings.ts";
import { targetsSchema } from "./route-targets.ts";
import { shadowSchema } from "./shadow/settings.ts";
import { strategyProblems, strategySchema } from "./strategies/index.ts";

const milliseconds = z.number().int().min(1).max(86_400_000);

export const defaultTimeouts = {
  connectMilliseconds: 10_000,
  headersMilliseconds: 30_000,
  firstTokenMilliseconds: 60_000,
  idleMilliseconds: 60_000,
  totalMilliseconds: 600_000,
} as const;
export const defaultRetries = { perTarget: 2 } as const;

const routeFields = z.strictObject({
  targets: targetsSchema,
  strategy: strategySchema.default({ kind: "priority" }),
  timeouts: z
    .strictObject({
      connectMilliseconds: milliseconds.default(defaultTimeouts.connectMilliseconds),
      headersMilliseconds: milliseconds.default(defaultTimeouts.headersMilliseconds),
      firstTokenMilliseconds: milliseconds.default(defaultTimeouts.firstTokenMilliseconds),
      idleMilliseconds: milliseconds.default(defaultTimeouts.idleMilliseconds),
      totalMilliseconds: milliseconds.default(defaultTimeouts.totalMilliseconds),
    })
    .default(defaultTimeouts),
  /**
   * Whole answers are asked for as streams and put together here: `auto` where there is more than one target, so that a
   * silent one can be abandoned for the next.
   */
  assembleWhole: z.enum(["auto", "always", "never"]).default("auto"),
  /** What becomes of a stream that died after it began and that no target could continue. */
  rescue: z.enum(["error", "restart", "off"]).default("error"),
  hedge: z
    .strictObject({
      after: z.union([milliseconds, z.literal("p95")], "expected milliseconds or 'p95'").default("p95"),
      maxShare: z.number().min(0).max(1).default(0.05),
    })
    .optional(),
  shadow: shadowSchema.optional(),
  judge: judgeSchema.optional(),
  retries: z
    .strictObject({ perTarget: z.number().int().min(0).max(2).default(defaultRetries.perTarget) })
    .default(defaultRetries),
});

/** One entry under `routes`. */
export const routeSchema = routeFields.superRefine(({ strategy, targets, shadow }, context) => {
  const names = targets.map((entry) => (typeof entry === "string" ? entry : entry.target));
  for (const { path, message } of strategyProblems(strategy, names))
    context.addIssue({ code: "custom", path: ["strategy", ...path], message });
  if (shadow?.strategy === undefined) return;
  for (const { path, message } of strategyProblems(shadow.strategy, names))
    context.addIssue({ code: "custom", path: ["shadow", "strategy", ...path], message });
});
export type RouteSettings = z.output<typeof routeSchema>;

/** The `routes` key: a route's name is what clients send as `model`. */
export const routesSchema = z.record(
  z.string().regex(/^[^\s/]{1,128}$/, "expected a name without spaces and slashes"),
  routeSchema,
);

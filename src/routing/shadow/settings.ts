import { z } from "zod";
import { targetName } from "../route-targets.ts";
import { strategySchema } from "../strategies/index.ts";

export const shareSchema = z.number().gt(0, "expected a share above 0 and up to 1").max(1);
/** More than any account has; 0 would be the same as none. */
export const maxUsdPerDay = z.number().gt(0).max(1_000_000);

/** What stands under a route's `shadow`. */
export const shadowSchema = z
  .strictObject({
    /** Asked beside whatever the route chose. */
    target: targetName.optional(),
    /** Or: chooses among the route's targets, where that comes to another one. */
    strategy: strategySchema.optional(),
    /** Of the calls that were answered. */
    share: shareSchema,
    maxUsdPerDay,
  })
  .refine(({ target, strategy }) => (target === undefined) !== (strategy === undefined), {
    message: "expected either 'target' or 'strategy'",
  });
export type ShadowSettings = z.output<typeof shadowSchema>;

/** The name that the shadow's calls stand under in the ledger; no route of the configuration has it. */
export const shadowRoute = (route: string): string => `${route}!shadow`;

/** What it is that runs beside the route. */
export const shadowName = ({ target, strategy }: ShadowSettings): string => target ?? `strategy ${strategy?.kind}`;

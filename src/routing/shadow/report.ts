import type { Estimate, ShadowReport, ShadowSums } from "../../core/ports/experiments.ts";
import { boundedEstimate, meanEstimate } from "../experiments/report.ts";
import { type ShadowSettings, shadowName } from "./settings.ts";

/** Of each interval by itself, at every look. */
const alpha = 0.05;
/** Intervals of means that have no bounds are to be looked at from here on. */
const leastPairs = 50;

const difference = (sums: ShadowSums["cost"]): Estimate | null =>
  sums.units < leastPairs ? null : meanEstimate(sums, alpha);

/** What the shadow of a route came to, beside what its clients got. */
export const reportShadow = (route: string, settings: ShadowSettings, sums: ShadowSums): ShadowReport => ({
  ...{ route, runs: shadowName(settings), share: settings.share, maxUsdPerDay: settings.maxUsdPerDay },
  ...{ pairs: sums.pairs, servedUsd: sums.servedUsd, shadowUsd: sums.shadowUsd },
  cost: difference(sums.cost),
  latency: difference(sums.latency),
  errors: boundedEstimate(sums.errors, alpha),
  agreement: boundedEstimate(sums.agreement, alpha),
  judged: boundedEstimate(sums.judged, alpha),
});

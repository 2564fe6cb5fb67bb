import { z } from "zod";
import type { Call } from "../../core/call.ts";
import type { Features, FilteredOut, Ranked, StrategyDefinition } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";
import { byScore } from "./by-score.ts";
import { type Capability, capabilities, needsOf } from "./call-needs.ts";

interface Options {
  /** Targets that are known to lack something that the call needs are not asked at all. */
  readonly require: boolean;
}

const lackWeight = 4;
const unknownWeight = 1;
const surplusWeight = 0.25;
const taskWeight = 2;
/** A context that is so many times what the call needs is more than enough. */
const ampleContext = 16;

interface Fit {
  readonly score: number;
  readonly reasons: readonly string[];
  readonly lacks: readonly string[];
}

const fitOfCapability = (
  { name, has }: Capability,
  { target }: Candidate,
  need: "needed" | "unneeded",
): { score: number; reason?: string; lack?: string } => {
  const known = has(target.facts);
  if (need === "unneeded") return { score: known === true ? -surplusWeight : 0 };
  if (known === true) return { score: 1, reason: `has ${name}` };
  if (known === undefined) return { score: -unknownWeight, reason: `${name} not known` };
  return { score: -lackWeight, reason: `lacks ${name}`, lack: name };
};

const fitOf = (candidate: Candidate, needs: ReadonlySet<Capability>, call: Call, tokens: number): Fit => {
  const { contextTokens, bestFor = [] } = candidate.target.facts;
  const parts = capabilities.map((one) => fitOfCapability(one, candidate, needs.has(one) ? "needed" : "unneeded"));
  const tasks = bestFor.filter((task) => call.routing?.tags?.includes(task));
  const isAmple = contextTokens !== undefined && contextTokens > Math.max(8_192, tokens * ampleContext);
  return {
    score:
      parts.reduce((sum, { score }) => sum + score, 0) +
      (tasks.length > 0 ? taskWeight : 0) -
      (isAmple ? surplusWeight : 0),
    reasons: [
      ...parts.flatMap(({ reason }) => reason ?? []),
      ...(tasks.length > 0 ? [`best for ${tasks.join(", ")}`] : []),
    ],
    lacks: parts.flatMap(({ lack }) => lack ?? []),
  };
};

const rank = (
  candidates: readonly Candidate[],
  call: Call,
  { features, require }: Options & { features: Features },
) => {
  const needs = needsOf(call);
  const tokens = features.estimatedInputTokens;
  const ranked: Ranked[] = [];
  const filtered: FilteredOut[] = [];
  for (const candidate of candidates) {
    const { score, reasons, lacks } = fitOf(candidate, needs, call, tokens);
    if (require && lacks.length > 0) filtered.push({ candidate, reason: `it lacks ${lacks.join(", ")}` });
    else
      ranked.push({
        candidate,
        score,
        reason: reasons.length === 0 ? "the call needs nothing special" : reasons.join(", "),
      });
  }
  return { ranked: byScore(ranked), filtered };
};

/**
 * The target that fits the call best: it has what the call needs (tools, images, a schema, reasoning …), is stated to be
 * best for one of its tags, and has little that the call does not need, since that is paid for as well.
 */
export const capabilityMatch: StrategyDefinition<Options> = {
  kind: "capability-match",
  options: z.strictObject({ require: z.boolean().default(false) }),
  create: ({ require }) => ({
    kind: "capability-match",
    ...(require ? { asksAlways: true } : {}),
    rank: (candidates, call, features) => rank(candidates, call, { features, require }),
  }),
  filters: ({ require }) => require,
};

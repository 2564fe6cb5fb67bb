import type { CascadeDetail, ExpectedAction } from "../../../core/decision.ts";
import { cascadeAction, isCascadeAction, targetsOfAction } from "../../../core/plan.ts";
import type { DecidedCall } from "../../../core/ports/learning.ts";
import { type CascadeParts, partsOf } from "../cascades/cascade-parts.ts";
import { hardlySettles } from "../cascades/chances.ts";
import { priorQualityOf } from "./use-terms.ts";

/** Whom a call's reward is credited to, and what was expected of that. */
export interface Credit {
  /** A target's id, or the name of a cascade's part. */
  readonly belief: string;
  /** Quality that was expected before use taught otherwise: what corrections are learned against. */
  readonly expected: number;
  /** Quality that was expected. */
  readonly quality: number;
  /** What the answer was expected to cost, and how long it was to take, given the way that the call went. */
  readonly costUsd: number;
  readonly latencyMilliseconds: number | undefined;
  /** What gave the answer, as in decisions: corrections of cost and latency are learned of it. */
  readonly action: string;
  /** Of a cascade: whether its first step settled it, and how likely that was thought to be, without use and with it. */
  readonly settlement?: {
    readonly belief: string;
    readonly isSettled: boolean;
    readonly assumed: number;
    readonly expected: number;
  };
}

/** Of a single target: another one than planned, where that failed. */
const creditOfTarget = ({ detail, target }: DecidedCall): Credit | undefined => {
  const wanted = target ?? detail.action;
  const action = detail.expected.find((one) => one.action === wanted);
  return (
    action && {
      belief: wanted,
      expected: priorQualityOf(action),
      quality: action.quality,
      costUsd: action.costUsd,
      latencyMilliseconds: action.latencyMilliseconds,
      action: wanted,
    }
  );
};

interface Way {
  readonly first: readonly string[];
  readonly last: string;
  readonly isSettled: boolean;
}

/** Which way a cascade went; undefined where it did not go as planned. */
const wayOf = ({ detail, target }: DecidedCall, { settledAtStep }: CascadeDetail): Way | undefined => {
  const targets = targetsOfAction(detail.action);
  const [first, last] = [targets.slice(0, -1), targets.at(-1)];
  if (target === null || last === undefined) return undefined;
  if (settledAtStep === 1 && first.includes(target)) return { first, last, isSettled: true };
  return settledAtStep === 2 && target === last ? { first, last, isSettled: false } : undefined;
};

/** What an action's own numbers become once it is known which way it went, by those of its targets. */
const given = (
  { detail }: DecidedCall,
  whole: ExpectedAction,
  { first, last, isSettled, settles }: Way & { readonly settles: number },
): Pick<Credit, "costUsd" | "latencyMilliseconds"> => {
  const of = (name: string) => detail.expected.find(({ action }) => action === name);
  const scaled = (mean: number, before: number, after: number): number => {
    const expected = before + (1 - settles) * after;
    return expected <= 0 ? 0 : (mean * (before + (isSettled ? 0 : after))) / expected;
  };
  const costs = first.map((name) => of(name)?.costUsd ?? 0);
  const costUsd = scaled(
    whole.costUsd,
    costs.reduce((sum, cost) => sum + cost, 0),
    of(last)?.costUsd ?? 0,
  );
  const latency = (name: string): number => of(name)?.latencyMilliseconds ?? 0;
  const mean = whole.latencyMilliseconds;
  return {
    costUsd,
    latencyMilliseconds: mean && scaled(mean, Math.max(...first.map(latency)), latency(last)),
  };
};

/** Whom the reward of a cascade is credited to. */
const earnerOf = (
  { detail }: DecidedCall,
  { assumed, expected }: CascadeDetail,
  { way, parts }: { readonly way: Way; readonly parts: CascadeParts },
): Pick<Credit, "belief" | "expected" | "quality"> => {
  const last = detail.expected.find(({ action }) => action === way.last);
  if (!way.isSettled && expected.settles < hardlySettles && last !== undefined)
    return { belief: way.last, expected: priorQualityOf(last), quality: last.quality };
  const part = way.isSettled ? "right" : "otherwise";
  return { belief: parts[part], expected: assumed[part], quality: expected[part] };
};

/**
 * Of a cascade: the part that gave the answer. Its targets learn nothing of their own: where two agree they are right far
 * more often than either is, and the last one is asked where prompts are hard, so that both would be thought what they are
 * not. The one exception is a last target that is asked nearly always: see {@link hardlySettles}.
 */
const creditOfCascade = (call: DecidedCall, cascade: CascadeDetail): Credit | undefined => {
  const { detail } = call;
  const whole = detail.expected.find(({ action }) => action === detail.action);
  const way = wayOf(call, cascade);
  if (whole === undefined || way === undefined) return undefined;
  const { kind, assumed, expected } = cascade;
  const parts: CascadeParts = partsOf(kind, cascadeAction(way.first), detail.action);
  return {
    ...earnerOf(call, cascade, { way, parts }),
    ...given(call, whole, { ...way, settles: expected.settles }),
    action: detail.action,
    settlement: {
      ...{ belief: parts.settles, isSettled: way.isSettled },
      ...{ assumed: assumed.settles, expected: expected.settles },
    },
  };
};

/** Undefined where the answer tells nothing of what was weighed. */
export const creditOf = (call: DecidedCall): Credit | undefined => {
  const { action, cascade } = call.detail;
  if (!isCascadeAction(action)) return creditOfTarget(call);
  return cascade === undefined ? undefined : creditOfCascade(call, cascade);
};

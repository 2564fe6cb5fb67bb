import type { CascadeDetail, ExpectedAction } from "../../../core/decision.ts";
import { cascadeAction, isCascadeAction, targetsOfAction } from "../../../core/plan.ts";
import type { DecidedCall } from "../../../core/ports/learning.ts";
import { type CascadeParts, partsOf } from "../cascades/cascade-parts.ts";
import { hardlySettles } from "../cascades/chances.ts";
import { priorQualityOf } from "./use-terms.ts";

/** A target's part in what was expected of a call. */
export interface ExpectedPart {
  readonly target: string;
  readonly expected: number;
}

/** Whom a call's reward is credited to, and what was expected of that. */
export interface Credit {
  /** A target's id, or the name of a cascade's part. */
  readonly belief: string;
  /** Quality that was expected before use taught otherwise: what corrections are learned against. */
  readonly expected: number;
  /** Quality that was expected. */
  readonly quality: number;
  /** What gave the answer, as in decisions. */
  readonly action: string;
  /** What each target that was asked was expected to cost, in USD. */
  readonly costs: readonly ExpectedPart[];
  /** And to take, in milliseconds, one after the other: of those that were asked together, the slowest one. */
  readonly latencies: readonly ExpectedPart[];
  /** Of a cascade: whether its first step settled it, and how likely that was thought to be, without use and with it. */
  readonly settlement?: {
    readonly belief: string;
    readonly isSettled: boolean;
    readonly assumed: number;
    readonly expected: number;
  };
}

const costPart = ({ action, costUsd }: ExpectedAction): ExpectedPart => ({ target: action, expected: costUsd });
const latencyPart = ({ action, latencyMilliseconds = 0 }: ExpectedAction): ExpectedPart => ({
  target: action,
  expected: latencyMilliseconds,
});

/** Of a single target: another one than planned, where that failed. */
const creditOfTarget = ({ detail, target }: DecidedCall): Credit | undefined => {
  const wanted = target ?? detail.action;
  const action = detail.expected.find((one) => one.action === wanted);
  return (
    action && {
      belief: wanted,
      expected: priorQualityOf(action),
      quality: action.quality,
      action: wanted,
      costs: [costPart(action)],
      latencies: [latencyPart(action)],
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

const askedOf = ({ detail }: DecidedCall, { first, last, isSettled }: Way): Pick<Credit, "costs" | "latencies"> => {
  const find = (names: readonly string[]): readonly ExpectedAction[] =>
    names.flatMap((name) => detail.expected.find(({ action }) => action === name) ?? []);
  const before = find(first);
  const after = isSettled ? [] : find([last]);
  const slowest = before.map(latencyPart).toSorted((a, b) => b.expected - a.expected);
  return {
    costs: [...before, ...after].map(costPart),
    latencies: [...slowest.slice(0, 1), ...after.map(latencyPart)],
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
  const way = wayOf(call, cascade);
  if (way === undefined) return undefined;
  const { kind, assumed, expected } = cascade;
  const parts: CascadeParts = partsOf(kind, cascadeAction(way.first), detail.action);
  return {
    ...earnerOf(call, cascade, { way, parts }),
    ...askedOf(call, way),
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

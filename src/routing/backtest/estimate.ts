import type { ExpectedAction } from "../../core/decision.ts";
import type { Estimated } from "../../core/ports/backtest.ts";
import {
  doublyRobustTerms,
  effectiveCallsOf,
  type LoggedReward,
  mean,
  standardErrorOf,
  usualClip,
} from "../learned/evaluation/off-policy.ts";
import type { LoggedCall } from "./logged-call.ts";

/** What is estimated: quality of the judged calls, cost and latency of all. */
export type Quantity = "quality" | "costUsd" | "latencyMilliseconds";

interface Reading {
  readonly observed: (call: LoggedCall) => number | undefined;
  readonly expected: (action: ExpectedAction) => number | undefined;
}
const readings: Readonly<Record<Quantity, Reading>> = {
  quality: { observed: ({ reward }) => reward, expected: ({ quality }) => quality },
  costUsd: { observed: ({ costUsd }) => costUsd, expected: ({ costUsd }) => costUsd },
  latencyMilliseconds: {
    observed: ({ durationMilliseconds }) => durationMilliseconds,
    expected: ({ latencyMilliseconds }) => latencyMilliseconds,
  },
};

/** What a policy takes in a call: an action, or what was taken then. */
export type Choice = ExpectedAction | "as logged";

/**
 * Each call's part of the estimate; undefined where nothing is known of it. What was taken then is taken at its word: the
 * policy of then is the average of what came.
 */
export const partsOf = (
  calls: readonly LoggedCall[],
  choices: readonly Choice[],
  quantity: Quantity,
): readonly (number | undefined)[] => {
  const { observed, expected } = readings[quantity];
  const rewards = calls.map((call, place): LoggedReward | undefined => {
    const choice = choices[place] as Choice;
    const reward = observed(call);
    const expectedLogged = expected(call.taken);
    const expectedPolicy = choice === "as logged" ? expectedLogged : expected(choice);
    if (reward === undefined || expectedLogged === undefined || expectedPolicy === undefined) return undefined;
    const isSame = choice === "as logged" || choice.action === call.taken.action;
    const propensity = choice === "as logged" ? 1 : call.propensity;
    return { propensity, reward, target: isSame ? 1 : 0, expectedLogged, expectedPolicy };
  });
  const known = rewards.filter((one) => one !== undefined);
  const parts = doublyRobustTerms(known);
  let next = 0;
  return rewards.map((one) => (one === undefined ? undefined : parts[next++]));
};

/** Two-sided 95 %. */
const deviations = 1.96;

const bounds: Readonly<Record<Quantity, readonly [number, number]>> = {
  quality: [0, 1],
  costUsd: [0, Number.POSITIVE_INFINITY],
  latencyMilliseconds: [0, Number.POSITIVE_INFINITY],
};

const meanWithin = (parts: readonly number[], [least, most]: readonly [number, number]): Estimated | null => {
  if (parts.length < 2) return null;
  const value = mean(parts);
  const half = deviations * standardErrorOf(parts);
  const inside = (one: number): number => Math.min(most, Math.max(least, one));
  return { value: inside(value), lower: inside(value - half), upper: inside(value + half) };
};

/** Few answers that are all good do not make it certain: two bad and two good ones are thought of (Agresti and Coull, 1998). */
const thoughtOf: readonly number[] = [0, 0, 1, 1];

/** The mean of parts with its interval, within what is possible; null where fewer than two calls say anything. */
export const estimateOf = (parts: readonly (number | undefined)[], quantity: Quantity): Estimated | null => {
  const known = parts.filter((part) => part !== undefined);
  const estimate = meanWithin(known, bounds[quantity]);
  if (estimate === null || quantity !== "quality") return estimate;
  const cautious = meanWithin([...known, ...thoughtOf], bounds[quantity]) ?? estimate;
  const { value } = estimate;
  return { value, lower: Math.min(value, cautious.lower), upper: Math.max(value, cautious.upper) };
};

/** The difference of two policies, paired call by call. */
export const differenceOf = (
  parts: readonly (number | undefined)[],
  others: readonly (number | undefined)[],
): Estimated | null =>
  meanWithin(
    parts.flatMap((part, place) => {
      const other = others[place];
      return part === undefined || other === undefined ? [] : [part - other];
    }),
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  );

/** Share of the calls in which the same is taken, and how many judged calls of its own the weights are worth. */
export const supportOf = (calls: readonly LoggedCall[], choices: readonly Choice[]) => {
  let same = 0;
  const weights: number[] = [];
  calls.forEach(({ taken, propensity, reward }, place) => {
    const choice = choices[place] as Choice;
    const isSame = choice === "as logged" || choice.action === taken.action;
    if (isSame) same++;
    if (reward === undefined) return;
    weights.push(choice === "as logged" ? 1 : isSame ? Math.min(usualClip, 1 / propensity) : 0);
  });
  return { agreement: calls.length === 0 ? 0 : same / calls.length, effectiveCalls: effectiveCallsOf(weights) };
};

import { GatewayError } from "../../core/errors.ts";
import { isCascadeAction } from "../../core/plan.ts";
import type { BacktestLift, BacktestLine, BacktestReport } from "../../core/ports/backtest.ts";
import { hullOf, type Vertex } from "../learned/online/lifts.ts";
import { type Choice, differenceOf, estimateOf, partsOf, type Quantity, supportOf } from "./estimate.ts";
import type { LoggedCall } from "./logged-call.ts";

/** A recorded call, and what the policy to be judged would have taken in it; undefined where it has no answer. */
export interface ReplayedCall {
  readonly call: LoggedCall;
  readonly choice: string | undefined;
}

export interface BacktestOptions {
  readonly route: string;
  /** The name of the policy to be judged. */
  readonly policy: string;
  readonly calls: readonly ReplayedCall[];
  /** Whether these are all calls that were meant. */
  readonly complete: boolean;
}

type Parts = Readonly<Record<Quantity, readonly (number | undefined)[]>>;
interface Judged {
  readonly line: BacktestLine;
  readonly parts: Parts;
}

const judge = (policy: string, calls: readonly LoggedCall[], choices: readonly Choice[]): Judged => {
  const parts: Parts = {
    quality: partsOf(calls, choices, "quality"),
    costUsd: partsOf(calls, choices, "costUsd"),
    latencyMilliseconds: partsOf(calls, choices, "latencyMilliseconds"),
  };
  const line: BacktestLine = {
    policy,
    quality: estimateOf(parts.quality, "quality"),
    costUsd: estimateOf(parts.costUsd, "costUsd"),
    latencyMilliseconds: estimateOf(parts.latencyMilliseconds, "latencyMilliseconds"),
    ...supportOf(calls, choices),
  };
  return { line, parts };
};

/** Single targets that were weighed in every one of the calls, each taken always. */
const constantsOf = (calls: readonly LoggedCall[]): readonly Judged[] => {
  const targets = [...(calls[0]?.expected.keys() ?? [])].filter(
    (target) => !isCascadeAction(target) && calls.every(({ expected }) => expected.has(target)),
  );
  return targets.map((target) =>
    judge(
      target,
      calls,
      calls.map(({ expected }) => expected.get(target) as Exclude<Choice, "as logged">),
    ),
  );
};

const qualityOf = ({ line }: Judged): number => line.quality?.value ?? Number.NEGATIVE_INFINITY;
const bestOf = (constants: readonly Judged[]): Judged | undefined =>
  constants.reduce<Judged | undefined>(
    (best, one) => (best === undefined || qualityOf(one) > qualityOf(best) ? one : best),
    undefined,
  );

const mixed = (share: number, [cheap, dear]: readonly [Judged, Judged], quantity: Quantity) =>
  cheap.parts[quantity].map((part, place) => {
    const other = dear.parts[quantity][place];
    return part === undefined || other === undefined ? undefined : (1 - share) * part + share * other;
  });

/** What two single targets, tossed for, reach at a cost (the "zero router"). */
const zeroRouterAt = (costUsd: number, constants: readonly Judged[]): Judged | undefined => {
  const vertices = constants.flatMap(({ line }): readonly Vertex[] =>
    line.quality === null || line.costUsd === null
      ? []
      : [{ target: line.policy, quality: line.quality.value, costUsd: line.costUsd.value }],
  );
  const hull = hullOf(vertices);
  const above = hull.findIndex((vertex) => vertex.costUsd >= costUsd);
  const dear = above === -1 ? hull.at(-1) : hull[above];
  const cheap = above <= 0 ? dear : hull[above - 1];
  const judgedOf = (vertex: Vertex | undefined) => constants.find(({ line }) => line.policy === vertex?.target);
  const pair = [judgedOf(cheap), judgedOf(dear)] as const;
  if (dear === undefined || cheap === undefined || pair[0] === undefined || pair[1] === undefined) return undefined;
  const share = dear === cheap ? 1 : (costUsd - cheap.costUsd) / (dear.costUsd - cheap.costUsd);
  const parts: Parts = {
    quality: mixed(share, [pair[0], pair[1]], "quality"),
    costUsd: mixed(share, [pair[0], pair[1]], "costUsd"),
    latencyMilliseconds: mixed(share, [pair[0], pair[1]], "latencyMilliseconds"),
  };
  const name = dear === cheap ? dear.target : `${Math.round(share * 100)} % ${dear.target}, else ${cheap.target}`;
  const between = (field: "agreement" | "effectiveCalls"): number =>
    (1 - share) * (pair[0]?.line[field] ?? 0) + share * (pair[1]?.line[field] ?? 0);
  const line: BacktestLine = {
    policy: name,
    quality: estimateOf(parts.quality, "quality"),
    costUsd: estimateOf(parts.costUsd, "costUsd"),
    latencyMilliseconds: estimateOf(parts.latencyMilliseconds, "latencyMilliseconds"),
    agreement: between("agreement"),
    effectiveCalls: between("effectiveCalls"),
  };
  return { line, parts };
};

const liftOver = (policy: Judged, other: Judged, over: string): BacktestLift => ({
  over,
  quality: differenceOf(policy.parts.quality, other.parts.quality),
  costUsd: differenceOf(policy.parts.costUsd, other.parts.costUsd),
});

/** Below so many effective calls an estimate rests on what was expected rather than on what came. */
const fewCalls = 30;

const notesOf = ({ line }: Judged, { judged, calls, leftOut }: Record<"judged" | "calls" | "leftOut", number>) => [
  ...(judged < calls
    ? [
        `Quality is that of the ${judged} calls that were judged: if people judge some answers rather than others, it errs.`,
      ]
    : []),
  ...(line.effectiveCalls < fewCalls
    ? [
        `What speaks of the policy is worth ${line.effectiveCalls.toFixed(1)} judged calls: the estimate rests mostly on what was expected.`,
      ]
    : []),
  ...(leftOut > 0 ? [`In ${leftOut} calls it would have taken what was not weighed then; these are left out.`] : []),
];

/**
 * Judges a policy by recorded calls, doubly robust with the propensities of then, weights cut at 50, beside the policy of
 * then, the best single target and the mixture of two that costs the same. Throws GatewayError `invalid_value` where no
 * call can be looked at.
 */
export const backtest = ({ route, policy: name, calls: replayed, complete }: BacktestOptions): BacktestReport => {
  const usable = replayed.flatMap(({ call, choice }) => {
    const taken = choice === undefined ? undefined : call.expected.get(choice);
    return taken === undefined ? [] : [{ call, taken }];
  });
  const leftOut = replayed.length - usable.length;
  if (usable.length === 0)
    throw new GatewayError(
      "invalid_value",
      replayed.length === 0
        ? `There are no recorded calls of route '${route}' by a policy that learns in this time.`
        : `In none of ${replayed.length} recorded calls could the policy have taken anything that was weighed then.`,
    );
  const calls = usable.map(({ call }) => call);
  const policy = judge(
    name,
    calls,
    usable.map(({ taken }) => taken),
  );
  const today = judge(
    "today",
    calls,
    calls.map(() => "as logged" as const),
  );
  const constants = constantsOf(calls);
  const best = bestOf(constants);
  const zero = zeroRouterAt(policy.line.costUsd?.value ?? 0, constants);
  const judged = calls.filter(({ reward }) => reward !== undefined).length;
  return {
    ...{ route, calls: calls.length, complete, judged, leftOut },
    policy: policy.line,
    today: today.line,
    bestConstant: best?.line ?? null,
    zeroRouter: zero?.line ?? null,
    lifts: [
      liftOver(policy, today, "today"),
      ...(best === undefined ? [] : [liftOver(policy, best, `always ${best.line.policy}`)]),
      ...(zero === undefined ? [] : [liftOver(policy, zero, "zero router")]),
    ],
    notes: notesOf(policy, { judged, calls: calls.length, leftOut }),
  };
};

import { isCascadeAction } from "../../../core/plan.ts";
import { deviations, type Lift, type Lifts, liftsOf, type Parts, type Point } from "./lifts.ts";

export interface GateSettings {
  /** A policy may be this much worse than the best constant, in utility or quality (0–1), and no more. */
  readonly delta: number;
  /** Judged calls before anything is said. */
  readonly minJudged: number;
}

/** A judged decision: for each action what it was expected to give, and what came of the one that was taken. */
export interface JudgedDecision {
  /** What the policy would have taken. */
  readonly choice: string;
  readonly taken: string;
  readonly propensity: number;
  readonly reward: number;
  /** Price of money in quality per USD. */
  readonly lambda: number;
  readonly expected: readonly { readonly action: string; readonly quality: number; readonly costUsd: number }[];
}

export type GateMode = "shadow" | "serving";

export interface GateVerdict {
  readonly mode: GateMode;
  readonly judged: number;
  readonly reason: string;
  /** Utility above the best constant's, and quality above the zero router's of the same cost; absent before there is enough. */
  readonly overConstant?: Lift;
  readonly overZeroRouter?: Lift;
}

/**
 * Actions that were taken with less than a chance of one in so many are believed rather than weighed: what is thought
 * hopeless is hardly ever tried, and a single answer would outweigh hundreds (cf. Wang, Agarwal and Dudík, "Optimal and
 * adaptive off-policy evaluation in contextual bandits", ICML 2017).
 */
const heaviest = 20;

const partsOf = ({ choice, taken, propensity, reward, lambda, expected }: JudgedDecision): Parts | undefined => {
  const constants = new Map<string, Point>();
  let chosen: Point | undefined;
  let isTakenKnown = false;
  for (const { action, quality, costUsd } of expected) {
    const isTaken = action === taken;
    const weight = isTaken ? Math.min(heaviest, 1 / propensity) : 0;
    const point = { quality: quality + weight * (reward - quality), costUsd };
    isTakenKnown ||= isTaken;
    if (action === choice) chosen = point;
    if (!isCascadeAction(action)) constants.set(action, point);
  }
  return chosen === undefined || !isTakenKnown ? undefined : { lambda, choice: chosen, constants };
};

type PackedPoint = readonly [target: string, quality: number, costUsd: number];
/** λ, the policy's quality and cost, and those of each constant. */
type PackedParts = readonly [lambda: number, quality: number, costUsd: number, constants: readonly PackedPoint[]];

export interface GateState {
  readonly verdict: GateVerdict;
  /** Oldest first. */
  readonly parts: readonly PackedParts[];
}

const short = (value: number): number => Number(value.toPrecision(5));
const packParts = ({ lambda, choice, constants }: Parts): PackedParts => [
  short(lambda),
  short(choice.quality),
  short(choice.costUsd),
  [...constants].map(([target, { quality, costUsd }]) => [target, short(quality), short(costUsd)]),
];
const partsFrom = ([lambda, quality, costUsd, constants]: PackedParts): Parts => ({
  lambda,
  choice: { quality, costUsd },
  constants: new Map(constants.map(([target, value, cost]) => [target, { quality: value, costUsd: cost }])),
});

/** Decisions that are judged by: the newest. */
const window = 1_500;
/** Of them the newer half, and at least so many, which are judged by for themselves too. */
const recent = 400;
/** So often the verdict is found anew. */
const every = 20;

/**
 * Lets a policy serve only where it is proven to be no worse than always taking one target, by doubly robust estimation
 * of what it would have done in calls that were judged. It opens where both lifts lie above −δ with 95 % confidence, and
 * closes where either is below −δ by more than its standard error; between the two it stays as it is.
 */
export class Gate {
  readonly #settings: GateSettings;
  readonly #parts: Parts[];
  #oldest = 0;
  #sinceVerdict = 0;
  #verdict: GateVerdict;

  /** `before`: a gate whose evidence is taken over, or its state. */
  constructor(settings: GateSettings, before?: Gate | GateState) {
    this.#settings = settings;
    const state = before instanceof Gate ? before.toState() : before;
    this.#parts = (state?.parts ?? []).map(partsFrom);
    this.#verdict = state?.verdict ?? { mode: "shadow", judged: 0, reason: `0 of ${settings.minJudged} judged calls` };
  }

  toState(): GateState {
    return { verdict: this.#verdict, parts: this.#inOrder().map(packParts) };
  }

  get verdict(): GateVerdict {
    return this.#verdict;
  }

  /** Takes a judged decision in; gives the verdict where it has changed the mode. */
  observe(decision: JudgedDecision): GateVerdict | undefined {
    const parts = partsOf(decision);
    if (parts === undefined) return undefined;
    if (this.#parts.length < window) this.#parts.push(parts);
    else this.#parts[this.#oldest++ % window] = parts;
    if (++this.#sinceVerdict < every) return undefined;
    this.#sinceVerdict = 0;
    const before = this.#verdict.mode;
    this.#verdict = this.#judge();
    return this.#verdict.mode === before ? undefined : this.#verdict;
  }

  #judge(): GateVerdict {
    const { delta, minJudged } = this.#settings;
    const judged = this.#parts.length;
    const { mode } = this.#verdict;
    if (judged < minJudged) return { mode, judged, reason: `${judged} of ${minJudged} judged calls` };
    const newest = this.#inOrder();
    const whole = liftsOf(newest);
    const late = judged > recent ? liftsOf(newest.slice(-Math.max(recent, Math.ceil(judged / 2)))) : whole;
    if (whole === undefined || late === undefined)
      return { mode, judged, reason: "no target was weighed in all of the judged calls" };
    const isProven = (lifts: Lifts): boolean => Object.values(lifts).every(({ lower }: Lift) => lower > -delta);
    const isWorse = (lifts: Lifts): boolean =>
      Object.values(lifts).some(({ value, lower }: Lift) => value + (value - lower) / deviations < -delta);
    // What it did at its beginning is held against it only where it has not got better since.
    const proof = [whole, late].find(isProven);
    if (proof !== undefined && !isWorse(late))
      return { mode: "serving", judged, reason: "proven no worse than any one target", ...proof };
    if (isWorse(late))
      return { mode: "shadow", judged, reason: "estimated worse than one target, or a mixture of two", ...late };
    return { mode, judged, reason: mode === "serving" ? "still thought no worse" : "not proven yet", ...late };
  }

  #inOrder(): readonly Parts[] {
    const first = this.#parts.length < window ? 0 : this.#oldest % window;
    return [...this.#parts.slice(first), ...this.#parts.slice(0, first)];
  }
}

import { observedReward } from "./observed-reward.ts";
import { isCascadeAction } from "./plan.ts";
import type { JudgedCall } from "./ports/learning.ts";

/** What became of one action. */
export interface ActionStatistics {
  readonly action: string;
  readonly calls: number;
  /** Of all calls that were looked at. */
  readonly share: number;
  readonly explored: number;
  readonly meanCostUsd: number;
  /** Over all its calls, as the policy expected it. */
  readonly meanExpectedQuality: number;
  /** Calls that somebody judged. */
  readonly judged: number;
  /** Over the judged ones; null where there are none. */
  readonly meanReward: number | null;
}

/** One action on every call, by what the policy expected of it. */
export interface ConstantStatistics {
  readonly action: string;
  readonly expectedQuality: number;
  readonly expectedCostUsd: number;
  /** What the actions taken were expected to cost less than it, over all calls that were looked at. */
  readonly savedUsd: number;
  /** The same as a share; null where it costs nothing. */
  readonly savedShare: number | null;
}

export interface DecisionStatistics {
  readonly calls: number;
  readonly explorationShare: number;
  readonly meanPropensity: number;
  readonly costUsd: number;
  readonly expectedCostUsd: number;
  readonly expectedQuality: number;
  readonly judged: number;
  /** Over judged calls: what was expected of them, and what came of it. Null where there are none. */
  readonly judgedExpectedQuality: number | null;
  readonly meanReward: number | null;
  readonly actions: readonly ActionStatistics[];
  /** The single target of the highest expected quality, of those that were weighed on every call. */
  readonly bestConstant: ConstantStatistics | null;
}

interface Sums {
  calls: number;
  explored: number;
  costUsd: number;
  expected: number;
  judged: number;
  reward: number;
}
interface Weighed {
  calls: number;
  quality: number;
  costUsd: number;
}

const over = (sum: number, count: number): number => (count === 0 ? 0 : sum / count);
const overOrNull = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);
const finite = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : 0);

/** Adds calls up, in any order. */
export class DecisionTally {
  readonly #actions = new Map<string, Sums>();
  readonly #weighed = new Map<string, Weighed>();
  #calls = 0;
  #propensity = 0;
  #expectedCostUsd = 0;
  #judgedExpected = 0;

  add({ detail, costUsd, feedback }: JudgedCall): void {
    const taken = detail.expected.find(({ action }) => action === detail.action);
    const reward = observedReward(feedback);
    const sums = this.#of(detail.action);
    sums.calls += 1;
    sums.explored += detail.explored === true ? 1 : 0;
    sums.costUsd += costUsd;
    sums.expected += finite(taken?.quality ?? detail.confidence);
    sums.judged += reward === undefined ? 0 : 1;
    sums.reward += reward ?? 0;
    this.#calls += 1;
    this.#propensity += finite(detail.propensity);
    this.#expectedCostUsd += finite(taken?.costUsd);
    if (reward !== undefined) this.#judgedExpected += finite(taken?.quality ?? detail.confidence);
    for (const { action, quality, costUsd: expected } of detail.expected) {
      const weighed = this.#weighed.get(action) ?? { calls: 0, quality: 0, costUsd: 0 };
      weighed.calls += 1;
      weighed.quality += finite(quality);
      weighed.costUsd += finite(expected);
      this.#weighed.set(action, weighed);
    }
  }

  #of(action: string): Sums {
    const known = this.#actions.get(action);
    if (known !== undefined) return known;
    const made = { calls: 0, explored: 0, costUsd: 0, expected: 0, judged: 0, reward: 0 };
    this.#actions.set(action, made);
    return made;
  }

  #bestConstant(): ConstantStatistics | null {
    let best: (Weighed & { readonly action: string }) | undefined;
    for (const [action, weighed] of this.#weighed) {
      if (weighed.calls !== this.#calls || isCascadeAction(action)) continue;
      if (best === undefined || weighed.quality > best.quality) best = { action, ...weighed };
    }
    if (best === undefined) return null;
    const savedUsd = best.costUsd - this.#expectedCostUsd;
    return {
      action: best.action,
      expectedQuality: over(best.quality, best.calls),
      expectedCostUsd: best.costUsd,
      savedUsd,
      savedShare: overOrNull(savedUsd, best.costUsd),
    };
  }

  statistics(): DecisionStatistics {
    const all = [...this.#actions.values()];
    const total = (field: keyof Sums): number => all.reduce((sum, sums) => sum + sums[field], 0);
    const judged = total("judged");
    const actions = [...this.#actions].map(([action, sums]) => ({
      action,
      calls: sums.calls,
      share: over(sums.calls, this.#calls),
      explored: sums.explored,
      meanCostUsd: over(sums.costUsd, sums.calls),
      meanExpectedQuality: over(sums.expected, sums.calls),
      judged: sums.judged,
      meanReward: overOrNull(sums.reward, sums.judged),
    }));
    return {
      calls: this.#calls,
      explorationShare: over(total("explored"), this.#calls),
      meanPropensity: over(this.#propensity, this.#calls),
      costUsd: total("costUsd"),
      expectedCostUsd: this.#expectedCostUsd,
      expectedQuality: over(total("expected"), this.#calls),
      judged,
      judgedExpectedQuality: overOrNull(this.#judgedExpected, judged),
      meanReward: overOrNull(total("reward"), judged),
      actions: actions.toSorted((a, b) => b.calls - a.calls || (a.action < b.action ? -1 : 1)),
      bestConstant: this.#bestConstant(),
    };
  }
}

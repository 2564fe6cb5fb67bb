import { type CandidateTable, candidateTable } from "./candidate-table.ts";
import type { Action } from "./cascade.ts";
import { type CascadeHead, expectCascade, fitCascadeHead } from "./cascade-heads.ts";
import { labelDeviation } from "./predict.ts";
import type { RouterModel } from "./router-model.ts";
import { guardVote, outcomeOf, type SingleMean, screenCascades } from "./screen-cascades.ts";

/** Which actions a policy may take. */
export type ActionKinds = "singles" | "cascades";

/** What a prompt's candidates are expected to be, by candidate. */
export interface CandidateExpectation {
  readonly quality: ArrayLike<number>;
  readonly deviation: ArrayLike<number>;
  readonly cost: ArrayLike<number>;
  readonly trust: number;
}

/** The actions over some candidates, and what they came to on the training rows. */
export interface Policy {
  readonly table: CandidateTable;
  readonly means: readonly SingleMean[];
  /** Singles first, in the order of the candidates; then the cascades. */
  readonly actions: readonly Action[];
  readonly cascades: readonly CascadeHead[];
  /** The candidate of the highest mean quality on the training rows. */
  readonly best: number;
  /** The action for an unfamiliar prompt whose answers can be compared: a vote, or the best candidate alone. */
  readonly guard: number;
}

/** Means of each candidate; from all its outcomes where no row knows every candidate. */
const meansOf = (model: RouterModel, table: CandidateTable, candidates: readonly number[]): readonly SingleMean[] =>
  candidates.map((candidate, place) => {
    let [quality, cost, rows] = [0, 0, 0];
    if (table.rows > 0) {
      for (let row = 0; row < table.rows; row++, rows++) {
        quality += table.quality[row * table.candidates + place] as number;
        cost += table.cost[row * table.candidates + place] as number;
      }
    } else {
      const { outcomes } = model;
      for (let at = 0; at < outcomes.model.length; at++) {
        if (outcomes.model[at] !== candidate) continue;
        quality += outcomes.quality[at] as number;
        cost += outcomes.cost[at] as number;
        rows++;
      }
    }
    return { quality: quality / Math.max(1, rows), cost: cost / Math.max(1, rows) };
  });

const bestOf = (means: readonly SingleMean[]): number => {
  let best = 0;
  for (const [at, { quality, cost }] of means.entries()) {
    const held = means[best] as SingleMean;
    if (quality > held.quality || (quality === held.quality && cost < held.cost)) best = at;
  }
  return best;
};

/** Rows below which cascades cannot be judged. */
const leastCascadeRows = 60;

/** The policy over `candidates`, indices of the model file's models. */
export const compilePolicy = (model: RouterModel, candidates: readonly number[], kinds: ActionKinds): Policy => {
  const table = candidateTable(model, candidates);
  const means = meansOf(model, table, candidates);
  const usable = kinds === "cascades" && table.checkable === "answers" && table.rows >= leastCascadeRows;
  const cascades = usable ? screenCascades(table, means).map(({ action }) => fitCascadeHead(table, action)) : [];
  const best = bestOf(means);
  const vote = usable ? guardVote(table, means, best) : undefined;
  if (vote !== undefined) cascades.push(fitCascadeHead(table, vote));
  const singles = candidates.map((_, at): Action => ({ kind: "single", candidates: [at] }));
  const actions = [...singles, ...cascades.map(({ action }) => action)];
  return { table, means, actions, cascades, best, guard: vote === undefined ? best : actions.length - 1 };
};

/** How many standard errors an expected quality is lowered by. */
const caution = 0.5;

/** Of one prompt or of many, one after the other. */
export interface ActionWorth {
  readonly quality: Float64Array;
  readonly cost: Float64Array;
}

/** Lower bound of the quality, and cost, of every action of the policy, into `into` from `from`. */
export const weighActions = (
  { actions, cascades }: Policy,
  given: CandidateExpectation,
  into: ActionWorth,
  from = 0,
): void => {
  const singles = actions.length - cascades.length;
  for (let at = 0; at < singles; at++) {
    into.quality[from + at] = (given.quality[at] as number) - caution * (given.deviation[at] as number);
    into.cost[from + at] = given.cost[at] as number;
  }
  for (const [at, head] of cascades.entries()) {
    const expected = expectCascade(
      head,
      (candidate) => given.quality[candidate] as number,
      (candidate) => given.cost[candidate] as number,
    );
    const chance = expected.quality;
    into.quality[from + singles + at] = chance - caution * Math.sqrt((chance * (1 - chance)) / (head.rows + 1));
    into.cost[from + singles + at] = expected.cost;
  }
};

/** Trust below which nothing is saved on a prompt. */
export const leastTrust = 0.5;

/** Where a choice is made. */
export interface Occasion {
  /** How far what was learned is trusted on this prompt, 0–1. */
  readonly trust: number;
  /** Whether the prompts around it are like those learned from. */
  readonly stream: "familiar" | "unfamiliar";
  readonly kinds: ActionKinds;
  /** Where the prompt's actions begin among the worths; 0 where absent. */
  readonly from?: number;
}

/**
 * The action of the highest worth: quality − price · cost. Where trust is less than full cost counts less; on an
 * unfamiliar prompt it does not count. Amid unfamiliar prompts expectations are no guide at all: then the guard answers,
 * or the best candidate where answers cannot be compared.
 */
const chooseAt = (
  policy: Policy,
  { quality, cost }: ActionWorth,
  { price, trust, stream, kinds, from = 0 }: Occasion & { readonly price: number },
): number => {
  const { actions, cascades } = policy;
  if (stream === "unfamiliar") return kinds === "singles" ? policy.best : policy.guard;
  if (trust < leastTrust && kinds === "singles") return policy.best;
  const paid = price * Math.max(0, (trust - leastTrust) / (1 - leastTrust));
  const count = kinds === "singles" ? actions.length - cascades.length : actions.length;
  let chosen = 0;
  let worth = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const value = (quality[from + at] as number) - paid * (cost[from + at] as number);
    if (value > worth) {
      worth = value;
      chosen = at;
    }
  }
  return chosen;
};

/** How a policy chooses: at a price of quality (quality per USD), or always the same candidate. */
export type Setting =
  | { readonly kind: "price"; readonly price: number }
  | { readonly kind: "constant"; readonly candidate: number };

/** The action that a setting takes on one prompt, as its number among the policy's. */
export const chooseAction = (policy: Policy, worth: ActionWorth, setting: Setting, occasion: Occasion): number => {
  const { trust, stream, from = 0 } = occasion;
  // A constant other than the best was found good enough on prompts like the training ones only.
  if (setting.kind === "constant")
    return stream === "familiar" && trust >= leastTrust ? setting.candidate : policy.best;
  return chooseAt(policy, worth, { trust, stream, kinds: occasion.kinds, from, price: setting.price });
};

/** What every action came to on every training row, and what was expected: `[row · actions + action]`. */
export interface Replay {
  readonly worth: ActionWorth;
  readonly quality: Float32Array;
  readonly cost: Float32Array;
}

/** Replays the training rows with what was predicted of them without learning from them. */
const replayPolicy = (policy: Policy, deviationOf: (candidate: number, row: number) => number): Replay => {
  const { table, actions } = policy;
  const size = table.rows * actions.length;
  const quality = new Float32Array(size);
  const cost = new Float32Array(size);
  const worth: ActionWorth = { quality: new Float64Array(size), cost: new Float64Array(size) };
  const deviation = new Float64Array(table.candidates);
  for (let row = 0; row < table.rows; row++) {
    const from = row * table.candidates;
    const to = from + table.candidates;
    for (let candidate = 0; candidate < table.candidates; candidate++)
      deviation[candidate] = deviationOf(candidate, row);
    const given: CandidateExpectation = {
      quality: table.predicted.subarray(from, to),
      cost: table.predictedCost.subarray(from, to),
      deviation,
      trust: table.trust[row] as number,
    };
    const place = row * actions.length;
    weighActions(policy, given, worth, place);
    for (let at = 0; at < actions.length; at++) {
      const outcome = outcomeOf(table, row, actions[at] as Action);
      quality[place + at] = outcome.quality;
      cost[place + at] = outcome.cost;
    }
  }
  return { worth, quality, cost };
};

/** The replay of a policy over `candidates`, with the caution that their predictions had. */
export const replayFor = (model: RouterModel, policy: Policy, candidates: readonly number[]): Replay =>
  replayPolicy(policy, (candidate, row) => {
    const index = candidates[candidate] as number;
    const group = (policy.table.cluster[row] as number) * model.models.length + index;
    const chance = policy.table.predicted[row * policy.table.candidates + candidate] as number;
    return labelDeviation(model, { group, model: index, chance, variance: 0 });
  });

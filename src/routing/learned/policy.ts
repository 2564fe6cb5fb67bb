import { type CandidateTable, candidateTable } from "./candidate-table.ts";
import type { Action } from "./cascade.ts";
import { type CascadeHead, expectCascade, fitCascadeHead } from "./cascade-heads.ts";
import type { RouterModel } from "./router-model.ts";
import { outcomeOf, type SingleMean, screenCascades } from "./screen-cascades.ts";

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
  const singles = candidates.map((_, at): Action => ({ kind: "single", candidates: [at] }));
  return {
    table,
    means,
    actions: [...singles, ...cascades.map(({ action }) => action)],
    cascades,
    best: bestOf(means),
  };
};

/** How many standard errors an expected quality is lowered by. */
const caution = 0.5;

export interface ActionWorth {
  readonly quality: Float64Array;
  readonly cost: Float64Array;
}

/** Lower bound of the quality, and cost, of every action of the policy, into `into`. */
export const weighActions = ({ actions, cascades }: Policy, given: CandidateExpectation, into: ActionWorth): void => {
  const singles = actions.length - cascades.length;
  for (let at = 0; at < singles; at++) {
    into.quality[at] = (given.quality[at] as number) - caution * (given.deviation[at] as number);
    into.cost[at] = given.cost[at] as number;
  }
  for (const [at, head] of cascades.entries()) {
    const expected = expectCascade(
      head,
      (candidate) => given.quality[candidate] as number,
      (candidate) => given.cost[candidate] as number,
    );
    const chance = expected.quality;
    into.quality[singles + at] = chance - caution * Math.sqrt((chance * (1 - chance)) / (head.rows + 1));
    into.cost[singles + at] = expected.cost;
  }
};

/**
 * The action of the highest worth: quality − price · cost. Of an unfamiliar prompt (trust below 1) cost counts less, to
 * nothing: then the choice is the strongest of the actions, which no longer depends on the prompt. `singles` alone are
 * looked at where answers cannot be compared.
 */
export const chooseAction = (
  { actions, cascades }: Policy,
  { quality, cost }: ActionWorth,
  { price, trust, kinds }: { readonly price: number; readonly trust: number; readonly kinds: ActionKinds },
): number => {
  const count = kinds === "singles" ? actions.length - cascades.length : actions.length;
  let chosen = 0;
  let worth = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const value = (quality[at] as number) - price * trust * (cost[at] as number);
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

/** Below this trust a constant is not carried over to a prompt: the best candidate answers it. */
const constantTrust = 0.5;

/** The action that a setting takes on one prompt. */
export const settle = (
  policy: Policy,
  worth: ActionWorth,
  { setting, trust, kinds }: { readonly setting: Setting; readonly trust: number; readonly kinds: ActionKinds },
): number => {
  if (setting.kind === "price") return chooseAction(policy, worth, { price: setting.price, trust, kinds });
  return trust < constantTrust ? policy.best : setting.candidate;
};

/** What every action came to on every training row, and what was expected: `[row · actions + action]`. */
export interface Replay {
  readonly worth: readonly ActionWorth[];
  readonly quality: Float32Array;
  readonly cost: Float32Array;
}

/** Replays the training rows with what was predicted of them without learning from them. */
export const replayPolicy = (policy: Policy, deviationOf: (candidate: number, row: number) => number): Replay => {
  const { table, actions } = policy;
  const quality = new Float32Array(table.rows * actions.length);
  const cost = new Float32Array(table.rows * actions.length);
  const worth = Array.from({ length: table.rows }, (_, row): ActionWorth => {
    const from = row * table.candidates;
    const to = from + table.candidates;
    const weighed = { quality: new Float64Array(actions.length), cost: new Float64Array(actions.length) };
    const deviation = Float64Array.from({ length: table.candidates }, (_, candidate) => deviationOf(candidate, row));
    weighActions(
      policy,
      {
        quality: table.predicted.subarray(from, to),
        cost: table.predictedCost.subarray(from, to),
        deviation,
        trust: table.trust[row] as number,
      },
      weighed,
    );
    for (const [at, action] of actions.entries()) {
      const outcome = outcomeOf(table, row, action);
      quality[row * actions.length + at] = outcome.quality;
      cost[row * actions.length + at] = outcome.cost;
    }
    return weighed;
  });
  return { worth, quality, cost };
};

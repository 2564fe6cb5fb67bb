import type { CandidateTable } from "./candidate-table.ts";
import { type Action, type CascadeMean, carryOut } from "./cascade.ts";
import { noAnswer } from "./outcomes.ts";

/** Candidates that cascades are made of, at most; and cascades that are kept. */
const poolSize = 9;
const keptCascades = 24;
/** Rows that cascades are screened on. */
const screenedRows = 1_500;

export interface SingleMean {
  readonly quality: number;
  readonly cost: number;
}

export const sameIn =
  ({ answer, candidates }: CandidateTable, row: number) =>
  (one: number, other: number): boolean => {
    const first = answer[row * candidates + one] as number;
    return first !== noAnswer && first === answer[row * candidates + other];
  };

/** What an action came to on a row of the table. */
export const outcomeOf = (
  table: CandidateTable,
  row: number,
  action: Action,
): { readonly quality: number; readonly cost: number; readonly asked: number } => {
  const base = row * table.candidates;
  if (action.kind === "single") {
    const at = base + (action.candidates[0] as number);
    return { quality: table.quality[at] as number, cost: table.cost[at] as number, asked: 1 };
  }
  const { asked, answer } = carryOut(action, sameIn(table, row));
  let cost = 0;
  for (let at = 0; at < asked; at++) cost += table.cost[base + (action.candidates[at] as number)] as number;
  return { quality: table.quality[base + answer] as number, cost, asked };
};

/** Candidates worth asking in a cascade: at each of several prices of quality, those of the highest worth. */
const poolOf = (means: readonly SingleMean[]): readonly number[] => {
  const numbers = means.map((_, at) => at);
  if (means.length <= poolSize) return numbers;
  const dearest = Math.max(...means.map(({ cost }) => cost));
  const pool = new Set<number>();
  for (let place = 0; pool.size < poolSize && place < means.length; place++)
    for (const price of [0, 0.02, 0.1, 0.5, 2, 10]) {
      const worth = (at: number): number =>
        (means[at] as SingleMean).quality - (price * (means[at] as SingleMean).cost) / dearest;
      if (pool.size < poolSize) pool.add(numbers.toSorted((a, b) => worth(b) - worth(a))[place] as number);
    }
  return [...pool];
};

/** Every pair with one or two others behind it, from the weakest to the strongest. */
const possible = (pool: readonly number[], means: readonly SingleMean[]): readonly Action[] => {
  const order = pool.toSorted((a, b) => (means[a] as SingleMean).quality - (means[b] as SingleMean).quality);
  const actions: Action[] = [];
  for (const [at, first] of order.entries())
    for (const [further, second] of order.slice(at + 1).entries()) {
      const stronger = order.slice(at + further + 2);
      for (const [place, third] of stronger.entries()) {
        actions.push({ kind: "agree", candidates: [first, second, third] });
        for (const fourth of stronger.slice(place + 1))
          actions.push({ kind: "vote", candidates: [first, second, third, fourth] });
      }
    }
  return actions;
};

/** How many candidates of a cascade are asked on a row: {@link carryOut} without an object, for screening hundreds. */
const askedOn = ({ answer }: CandidateTable, base: number, candidates: readonly number[], compared: number): number => {
  for (let asked = 2; asked <= compared; asked++) {
    const newest = answer[base + (candidates[asked - 1] as number)] as number;
    if (newest === noAnswer) continue;
    for (let before = 0; before < asked - 1; before++)
      if (answer[base + (candidates[before] as number)] === newest) return asked;
  }
  return compared + 1;
};

const meanOf = (table: CandidateTable, action: Action, step: number): CascadeMean => {
  const { candidates, otherwise } = action;
  const { length } = candidates;
  const compared = otherwise === undefined ? length - 1 : length;
  const lastResort = otherwise ?? (candidates[length - 1] as number);
  let [quality, cost, rows] = [0, 0, 0];
  for (let row = 0; row < table.rows; row += step, rows++) {
    const base = row * table.candidates;
    const asked = askedOn(table, base, candidates, compared);
    const answer = asked > compared ? lastResort : (candidates[asked - 1] as number);
    quality += table.quality[base + answer] as number;
    const paid = Math.min(asked, length);
    for (let at = 0; at < paid; at++) cost += table.cost[base + (candidates[at] as number)] as number;
  }
  return { action, quality: quality / rows, cost: cost / rows };
};

/**
 * The cascades that are best, or among the next three, at some price of quality on average over the rows. None is dearer
 * on average than the best candidate alone.
 */
export const screenCascades = (table: CandidateTable, means: readonly SingleMean[]): readonly CascadeMean[] => {
  const step = Math.max(1, Math.floor(table.rows / screenedRows));
  const limit = means.reduce((held, one) => (one.quality > held.quality ? one : held)).cost;
  const all = possible(poolOf(means), means)
    .map((action) => meanOf(table, action, step))
    .filter(({ cost }) => cost <= limit);
  const dearest = Math.max(...means.map(({ cost }) => cost));
  const kept = new Set<CascadeMean>();
  for (let place = 0; place < 4; place++)
    for (let power = -4; power <= 4 && kept.size < keptCascades; power += 0.5) {
      const price = 2 ** power / (4 * dearest);
      const rest = all.filter((one) => !kept.has(one));
      const worth = ({ quality, cost }: CascadeMean): number => quality - price * cost;
      const [first, ...others] = rest;
      if (first !== undefined) kept.add(others.reduce((held, one) => (worth(one) > worth(held) ? one : held), first));
    }
  return [...kept];
};

/** What an unfamiliar prompt may cost, in costs of the best candidate. */
const mostGuardCost = 1.35;

/**
 * The vote for prompts that are unlike all that was learned from: the best candidate and a helper, and where they differ a
 * third one. It departs from the best candidate's answer only where both others agree against it, so that it can hardly
 * do worse in any domain. Undefined where it did no better than the best candidate, or costs too much.
 */
export const guardVote = (table: CandidateTable, means: readonly SingleMean[], best: number): Action | undefined => {
  const step = Math.max(1, Math.floor(table.rows / screenedRows));
  const others = poolOf(means).filter((one) => one !== best);
  const single = means[best] as SingleMean;
  const strongest = others.toSorted((a, b) => (means[b] as SingleMean).quality - (means[a] as SingleMean).quality)[0];
  if (strongest === undefined) return undefined;
  // The third is the strongest of the others: weak ones agree on the same mistakes where a domain is new to them.
  const votes = others
    .filter((helper) => helper !== strongest)
    .map((helper): Action => ({ kind: "vote", candidates: [helper, best, strongest], otherwise: best }));
  return votes
    .map((action) => meanOf(table, action, step))
    .filter(({ quality, cost }) => quality >= single.quality && cost <= mostGuardCost * single.cost)
    .reduce<CascadeMean | undefined>(
      (held, one) => (held !== undefined && held.quality >= one.quality ? held : one),
      undefined,
    )?.action;
};

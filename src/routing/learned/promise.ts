import { type ActionKinds, chooseAction, type Policy, type Replay, type Setting } from "./policy.ts";

/** A setting with what it came to on the training rows. */
export interface Calibrated {
  readonly setting: Setting;
  /** Mean quality, and mean USD. */
  readonly quality: number;
  readonly cost: number;
  /** Lower 95 % bound of quality − share · (quality of the best candidate). */
  readonly margin: number;
}

/** One-sided 95 %. */
const confidence = 1.645;
/** A promise is to hold on as many queries again as it was calibrated on, but on no fewer than these. */
const leastQueries = 400;
const mostQueries = 1_500;

/** Prices that are tried, in units of 1 over the best candidate's mean cost. */
const priceGrid: readonly number[] = Array.from({ length: 45 }, (_, at) => 10 ** (-3 + at * 0.1));

const calibrateSetting = (
  policy: Policy,
  replay: Replay,
  { setting, keep, kinds }: { readonly setting: Setting; readonly keep: number; readonly kinds: ActionKinds },
): Calibrated => {
  const { rows } = policy.table;
  const width = policy.actions.length;
  const occasion = { trust: 1, stream: "familiar" as const, kinds, from: 0 };
  let [quality, cost, gain, square] = [0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    occasion.trust = policy.table.trust[row] as number;
    occasion.from = row * width;
    const at = row * width + chooseAction(policy, replay.worth, setting, occasion);
    const difference = (replay.quality[at] as number) - keep * (replay.quality[row * width + policy.best] as number);
    quality += replay.quality[at] as number;
    cost += replay.cost[at] as number;
    gain += difference;
    square += difference * difference;
  }
  const mean = gain / rows;
  const variance = Math.max(0, square / rows - mean * mean);
  const queries = Math.max(leastQueries, Math.min(mostQueries, rows));
  // Of the estimate here, and of the mean on the queries to come.
  const margin = mean - confidence * Math.sqrt(variance * (1 / rows + 1 / queries));
  return { setting, quality: quality / rows, cost: cost / rows, margin };
};

/** Rows below which nothing is promised but by the best candidate itself. */
const leastRows = 60;

/**
 * The cheapest setting that keeps at least `keep` (0–1) of the best candidate's quality, with 95 % confidence both of the
 * estimate and of the queries to come; the best candidate itself where none can be promised.
 */
export const settingThatKeeps = (
  policy: Policy,
  replay: Replay,
  { keep, kinds }: { readonly keep: number; readonly kinds: ActionKinds },
): Calibrated => {
  const best: Setting = { kind: "constant", candidate: policy.best };
  const mean = policy.means[policy.best];
  const fallback: Calibrated = { setting: best, quality: mean?.quality ?? 0, cost: mean?.cost ?? 0, margin: 0 };
  if (policy.table.rows < leastRows) return fallback;
  const unit = 1 / Math.max(1e-12, fallback.cost);
  const settings: readonly Setting[] = [
    { kind: "price", price: 0 },
    ...priceGrid.map((price): Setting => ({ kind: "price", price: price * unit })),
    ...policy.means.map((_, candidate): Setting => ({ kind: "constant", candidate })),
  ];
  return settings
    .map((setting) => calibrateSetting(policy, replay, { setting, keep, kinds }))
    .filter(({ margin, cost }) => margin >= 0 && cost <= fallback.cost)
    .reduce((held, one) => (one.cost < held.cost ? one : held), fallback);
};

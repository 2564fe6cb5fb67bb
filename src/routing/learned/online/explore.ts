import { normalShare } from "./logits.ts";

/** One action that may be tried: what it is expected to be worth, and how sure that is. */
export interface Prospect {
  readonly utility: number;
  /** Standard deviation of the utility. */
  readonly doubt: number;
}

/** Of a trial, this share is spread evenly, so that no action's chance is nothing. */
const evenShare = 0.2;

/**
 * Odds of the best itself, against those of each other to be better: it is served anyway, so that trials mostly go to
 * the others while any is likely to be better, and back to it when none is.
 */
const oddsOfBest = 0.15;

/**
 * With which chance a trial takes each action: in proportion to the probability that it is better than the best (as
 * Thompson sampling would, in pairs), mixed with an even share. Known exactly, so that propensities are.
 */
export const trialChances = (prospects: readonly Prospect[]): readonly number[] => {
  let best = 0;
  prospects.forEach(({ utility }, place) => {
    if (utility > (prospects[best] as Prospect).utility) best = place;
  });
  const leader = prospects[best] as Prospect;
  const odds = prospects.map(({ utility, doubt }, place) => {
    if (place === best) return oddsOfBest;
    const spread = Math.hypot(doubt, leader.doubt);
    return spread === 0 ? 0 : normalShare((utility - leader.utility) / spread);
  });
  const total = odds.reduce((sum, odd) => sum + odd, 0);
  return odds.map((odd) => (1 - evenShare) * (odd / total) + evenShare / odds.length);
};

export interface Drawn {
  readonly place: number;
  /** Probability of this action over the dice: of being served as the choice, or tried. */
  readonly propensity: number;
  readonly explored: boolean;
}

/** Share of the trials that a favourite gets beforehand. */
const shareOfFavourite = 0.65;

export interface Dice {
  /** Share of the calls that are trials. */
  readonly share: number;
  /** Uniform in [0, 1): the only dice. */
  readonly uniform: number;
  /** Gets most of the trials, so that it is soon known what it is worth. */
  readonly favourite?: number;
}

/** Takes the choice, or with probability `share` one by {@link trialChances}. */
export const draw = (
  choice: number,
  prospects: readonly Prospect[],
  { share, uniform, favourite = choice }: Dice,
): Drawn => {
  if (share <= 0 || prospects.length < 2) return { place: choice, propensity: 1, explored: false };
  const isFavoured = favourite !== choice;
  const chances = trialChances(prospects).map((chance, place) =>
    isFavoured ? chance * (1 - shareOfFavourite) + (place === favourite ? shareOfFavourite : 0) : chance,
  );
  const served = (place: number): number => share * (chances[place] as number) + (place === choice ? 1 - share : 0);
  if (uniform >= share) return { place: choice, propensity: served(choice), explored: false };
  // Where below the share the number fell is uniform again.
  let point = uniform / share;
  let place = 0;
  for (; place < chances.length - 1; place++) {
    if (point < (chances[place] as number)) break;
    point -= chances[place] as number;
  }
  return { place, propensity: served(place), explored: place !== choice };
};

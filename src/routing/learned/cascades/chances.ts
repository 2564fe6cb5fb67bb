import type { CascadeChances } from "../../../core/decision.ts";
import { logit, sigmoid } from "../online/logits.ts";

/**
 * What is assumed of how targets go wrong together, while nothing was learned of it: half of the prompts of a kind are
 * easy and half are hard. A target of quality q is right in q(2 − q) of the easy ones and q² of the hard ones, q on
 * average, independently of others given that. On the pairs of 13 models in each part of ZeroEval (GSM8K, MATH, CRUX),
 * from their mean qualities alone, this told a cascade's quality to 0.022 on average; independence to 0.049.
 */
const onHalves = (quality: number): readonly [easy: number, hard: number] => [quality * (2 - quality), quality ** 2];

/** Where both are wrong, so often the answers are the same one: fitted on the same rows. */
const sameMistake = 0.15;
/** Share of the wrong answers that pass checks of their form. A guess: they say nothing of what is said in that form. */
const passingMistakes = 0.8;

const least = 1e-6;

interface Halves {
  settles: number;
  right: number;
  otherwise: number;
}

const chancesFrom = ({ settles, right, otherwise }: Halves): CascadeChances => ({
  settles,
  right: right / Math.max(least, settles),
  otherwise: otherwise / Math.max(least, 1 - settles),
});

/** Two are asked, and where their answers differ the third. By the qualities of all three. */
export const agreementChances = (first: number, second: number, last: number): CascadeChances => {
  const sums = { settles: 0, right: 0, otherwise: 0 };
  const [one, other, third] = [onHalves(first), onHalves(second), onHalves(last)];
  for (const half of [0, 1] as const) {
    const bothRight = one[half] * other[half];
    const agree = bothRight + sameMistake * (1 - one[half]) * (1 - other[half]);
    sums.settles += agree / 2;
    sums.right += bothRight / 2;
    sums.otherwise += ((1 - agree) * third[half]) / 2;
  }
  return chancesFrom(sums);
};

/** One is asked, and where its answer does not pass its checks the other. */
export const checkedChances = (first: number, last: number): CascadeChances => {
  const sums = { settles: 0, right: 0, otherwise: 0 };
  const [one, other] = [onHalves(first), onHalves(last)];
  for (const half of [0, 1] as const) {
    const passes = one[half] + passingMistakes * (1 - one[half]);
    sums.settles += passes / 2;
    sums.right += one[half] / 2;
    sums.otherwise += ((1 - passes) * other[half]) / 2;
  }
  return chancesFrom(sums);
};

/** Quality over both ways that it may go. */
export const qualityFrom = ({ settles, right, otherwise }: CascadeChances): number =>
  settles * right + (1 - settles) * otherwise;

/**
 * The same where the first step settles less than was thought: then that it did not says less of how hard the prompt is,
 * and the last one answers nearly as well as it does on all prompts. `last`: its quality on all of them.
 */
export const whereSettled = (chances: CascadeChances, settles: number, last: number): CascadeChances => {
  if (settles >= chances.settles) return { ...chances, settles };
  const lastWhereSettled = (last - (1 - chances.settles) * chances.otherwise) / Math.max(least, chances.settles);
  const otherwise = (last - settles * lastWhereSettled) / Math.max(least, 1 - settles);
  return { settles, right: chances.right, otherwise: Math.min(1, Math.max(0, otherwise)) };
};

/**
 * Where the first step settles less than this share, that it did not says next to nothing of the prompt: the last target
 * answers as it would by itself: a reward is credited to it, and what is learned beside that fades.
 */
export const hardlySettles = 0.15;

/** The same chance of being settled, with the answers better or worse on both ways, so that the quality is this. */
export const withQuality = (chances: CascadeChances, quality: number): CascadeChances => {
  const { settles } = chances;
  const [right, otherwise] = [logit(chances.right), logit(chances.otherwise)];
  let [low, high] = [-8, 8];
  const shifted = (by: number): CascadeChances => ({
    settles,
    right: sigmoid(right + by),
    otherwise: sigmoid(otherwise + by),
  });
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    if (qualityFrom(shifted(middle)) < quality) low = middle;
    else high = middle;
  }
  return shifted((low + high) / 2);
};

import type { ModelSpeed, QualityTier, Target } from "./model.ts";

/** How good a target's answers are thought to be. */
export interface ModelQuality {
  /** 0–1; comparable across models, no probability. */
  readonly score: number;
  readonly tier: QualityTier;
  /** `stated` in its facts, or `reckoned` from them. */
  readonly source: "stated" | "reckoned";
}

/** What a stated tier counts as: about the middle of the tier's band. */
const tierScores: Readonly<Record<QualityTier, number>> = { basic: 0.3, good: 0.55, high: 0.75, exceptional: 0.92 };

const tierOf = (score: number): QualityTier => {
  if (score < 0.45) return "basic";
  if (score < 0.65) return "good";
  return score < 0.85 ? "high" : "exceptional";
};

/** Words in a model's name that say that it is a small one of its family. */
const smallMarks: readonly (readonly [mark: RegExp, penalty: number])[] = [
  [/\bnano\b/, 0.18],
  [/\b(?:mini|lite|small|tiny)\b/, 0.12],
  [/\b(?:flash|haiku|instant|spark)\b/, 0.06],
];

const sizePenalties: readonly (readonly [mostBillions: number, penalty: number])[] = [
  [4, 0.2],
  [9, 0.16],
  [20, 0.1],
  [40, 0.06],
  [80, 0.03],
];

const nameOf = ({ model, facts }: Target): string => `${model} ${facts.family ?? ""}`.toLowerCase().replace(/_/g, "-");

/** Billions of parameters, where the name says so (`llama-3.1-8b`, `qwen3:32b`). */
const billionsIn = (name: string): number | undefined => {
  const [, digits] = /(?:^|[^a-z0-9.])(\d{1,4}(?:\.\d)?)b(?![a-z0-9])/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

/** Models got better by about as much each year. */
const perYear = 0.12;
const usualYears = 2;

const yearsSince2023 = (releaseDate: string | undefined): number => {
  const time = Date.parse(releaseDate ?? "");
  if (Number.isNaN(time)) return usualYears;
  return Math.min(4, Math.max(0, (time - Date.UTC(2023, 0, 1)) / 31_557_600_000));
};

const reckon = (target: Target): number => {
  const { price, reasoning, releaseDate } = target.facts;
  const name = nameOf(target);
  const billions = billionsIn(name);
  const bySize = billions === undefined ? 0 : (sizePenalties.find(([most]) => billions <= most)?.[1] ?? 0);
  const byMark = Math.max(0, ...smallMarks.map(([mark, penalty]) => (mark.test(name) ? penalty : 0)));
  const byPrice = price === undefined || price.output <= 0 ? 0 : 0.1 * Math.log10(price.output);
  const score =
    0.35 +
    Math.min(0.2, Math.max(-0.12, byPrice)) +
    perYear * yearsSince2023(releaseDate) +
    (reasoning === true ? 0.1 : 0) -
    Math.max(bySize, byMark);
  return Math.min(1, Math.max(0, score));
};

const known = new WeakMap<Target, ModelQuality>();

/**
 * How good a target is: by its `qualityTier` where that is stated. Otherwise reckoned: 0.35, and 0.1 for each tenfold of
 * the output's price over 1 USD per million tokens (−0.12 to 0.2), 0.12 for each year of its release after 2023 (two years
 * where it is not known), 0.1 where it reasons; less 0.03–0.2 for a small size or a mark such as `mini` in its name. A rule
 * of thumb: it orders what a catalogue lists about as published rankings do, and knows nothing of a single model.
 */
export const qualityOf = (target: Target): ModelQuality => {
  let quality = known.get(target);
  if (quality === undefined) {
    const { qualityTier } = target.facts;
    const score = qualityTier === undefined ? reckon(target) : tierScores[qualityTier];
    quality = { score, tier: qualityTier ?? tierOf(score), source: qualityTier === undefined ? "reckoned" : "stated" };
    known.set(target, quality);
  }
  return quality;
};

/** How fast a target is: as stated; else `fast` by a small size or mark, `slow` from 20 USD per million output tokens. */
export const speedOf = (target: Target): ModelSpeed => {
  const { speed, price } = target.facts;
  if (speed !== undefined) return speed;
  const name = nameOf(target);
  const billions = billionsIn(name);
  if ((billions !== undefined && billions <= 14) || smallMarks.some(([mark]) => mark.test(name))) return "fast";
  return (price?.output ?? 0) >= 20 ? "slow" : "medium";
};

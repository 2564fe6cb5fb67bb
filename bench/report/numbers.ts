import type { Figure } from "../figures.ts";

const digitsOf = (value: number): number => {
  if (value === 0) return 0;
  if (Math.abs(value) >= 100) return 0;
  return Math.abs(value) >= 10 ? 1 : 2;
};

/** A number with three digits that count; a dash where there is none. */
export const showNumber = (value: number): string =>
  Number.isFinite(value)
    ? value.toLocaleString("en", { minimumFractionDigits: digitsOf(value), maximumFractionDigits: digitsOf(value) })
    : "–";

/** `21.3 (20.9–22.0)` */
export const showFigure = ({ median, low, high }: Figure): string => {
  if (!Number.isFinite(median)) return "–";
  return low === high ? showNumber(median) : `${showNumber(median)} (${showNumber(low)}–${showNumber(high)})`;
};

export const showPercent = (share: number): string => (Number.isFinite(share) ? `${Math.round(share * 100)} %` : "–");

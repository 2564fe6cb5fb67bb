import type { BudgetPeriod, Period } from "../../core/ports/budgets.ts";

const dayMilliseconds = 86_400_000;
/** 1970 began on a Thursday: the first Monday was its fifth day. */
const firstMonday = 4 * dayMilliseconds;
const weekMilliseconds = 7 * dayMilliseconds;

/** The calendar period, in UTC, that a moment is in. Times are milliseconds since 1970. */
export const periodAt = (per: BudgetPeriod, time: number): Period => {
  switch (per) {
    case "day": {
      const start = Math.floor(time / dayMilliseconds) * dayMilliseconds;
      return { per, start, end: start + dayMilliseconds };
    }
    case "week": {
      const start = Math.floor((time - firstMonday) / weekMilliseconds) * weekMilliseconds + firstMonday;
      return { per, start, end: start + weekMilliseconds };
    }
    case "month": {
      const date = new Date(time);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { per, start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
    }
    case "ever":
      return { per, start: 0, end: null };
  }
};

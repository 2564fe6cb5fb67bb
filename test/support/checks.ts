/** One thing that a run must prove. */
export interface Check {
  readonly name: string;
  /** What speaks against it; none where it holds. */
  readonly faults: readonly string[];
  /** The figure that it was judged by. */
  readonly figure?: string;
}

const shownFaults = 5;

/** The checks as lines for people, the count at the end. */
export const describeChecks = (checks: readonly Check[]): string => {
  const lines = checks.flatMap(({ name, faults, figure }) => [
    `${faults.length === 0 ? "pass" : "FAIL"}  ${name}${figure === undefined ? "" : ` (${figure})`}`,
    ...faults.slice(0, shownFaults).map((fault) => `        ${fault}`),
    ...(faults.length > shownFaults ? [`        … and ${faults.length - shownFaults} more`] : []),
  ]);
  const failed = checks.filter(({ faults }) => faults.length > 0).length;
  return [...lines, `${checks.length - failed} passed, ${failed} failed`].join("\n");
};

export const haveFailed = (checks: readonly Check[]): boolean => checks.some(({ faults }) => faults.length > 0);

/** The value below which the given share of the values lies; NaN where there are none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

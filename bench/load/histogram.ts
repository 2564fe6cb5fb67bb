import type { Spread } from "../plan.ts";

/** Buckets for each doubling: every value is known to within 0.8 %. */
const bucketsPerDoubling = 128;
const doublings = 32;

/** Counts of durations in buckets that widen with the value, as HdrHistogram has them: fixed memory, any number. */
export class Histogram {
  private readonly counts = new Uint32Array(bucketsPerDoubling * doublings);
  private count = 0;
  private max = 0;

  /** A negative value, from two clocks' last digits, counts as 0. */
  record(microseconds: number): void {
    this.count += 1;
    if (microseconds > this.max) this.max = microseconds;
    const bucket = Math.floor(Math.log2(Math.max(1, microseconds)) * bucketsPerDoubling);
    this.counts[Math.min(this.counts.length - 1, bucket)] = (this.counts[bucket] ?? 0) + 1;
  }

  /** Milliseconds below which the given share lies; NaN where nothing was recorded. */
  quantile(share: number): number {
    if (this.count === 0) return Number.NaN;
    const wanted = Math.min(this.count - 1, Math.floor(share * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      seen += this.counts[bucket] ?? 0;
      if (seen > wanted) return 2 ** ((bucket + 0.5) / bucketsPerDoubling) / 1_000;
    }
    return this.max / 1_000;
  }

  spread(): Spread {
    return {
      count: this.count,
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.max / 1_000,
    };
  }
}

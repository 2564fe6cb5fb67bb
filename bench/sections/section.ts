import type { Bench, Sample } from "../compare.ts";

/** A table for people. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A line or a row of bars; for bars, `x` numbers the labels. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Chart {
  /** Names the file, too. */
  readonly name: string;
  readonly title: string;
  readonly kind: "bars" | "lines";
  /** Of bars. */
  readonly labels?: readonly string[];
  readonly x: string;
  readonly y: string;
  readonly scale?: { readonly x?: "logarithmic"; readonly y?: "logarithmic" };
  readonly series: readonly Series[];
}

/** What a figure is of. Time that passes is everybody's: where others use the machine too, it says little. */
export type Kind = "processor time" | "time" | "memory" | "count";

/** What a figure must reach. */
export interface Bar {
  readonly name: string;
  /** NaN where it could not be measured. */
  readonly value: number;
  readonly limit: number;
  readonly sense: "at most" | "at least";
  readonly unit: string;
  readonly of: Kind;
}

/** A cost beside a reference of the same run, less is better. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly of: Kind;
}

/** What a section found. */
export interface Findings {
  readonly tables: readonly Table[];
  readonly bars: readonly Bar[];
  readonly charts: readonly Chart[];
  /** What the check for regressions looks at. */
  readonly ratios: readonly Ratio[];
  /** What a reader must know of how it was measured. */
  readonly notes: readonly string[];
  /** All that was measured, for those who want to look again. */
  readonly samples: readonly Sample[];
}

export interface SectionOptions {
  readonly rounds: number;
  /** Less time for everything, for the check of every change. */
  readonly isShort: boolean;
}

/** One thing that is measured. */
export type Section = (bench: Bench, options: SectionOptions) => Promise<Partial<Findings>>;

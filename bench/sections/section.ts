import type { Bench, Sample } from "../compare.ts";

/** A table for people. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a section found. */
export interface Findings {
  readonly tables: readonly Table[];
  /** All that was measured, for those who want to look again. */
  readonly samples: readonly Sample[];
}

export interface SectionOptions {
  readonly rounds: number;
}

/** One thing that is measured. */
export type Section = (bench: Bench, options: SectionOptions) => Promise<Findings>;

import type { SectionName } from "../sections/names.ts";
import type { Findings } from "../sections/section.ts";
import type { Program } from "../subjects/gateway.ts";
import type { Machine } from "../system/machine.ts";

/** What a section of a run found, whole. */
export interface SectionResult extends Findings {
  readonly name: SectionName;
  /** The part of the machine that other programs used meanwhile. */
  readonly othersShare: number;
}

/** All that a run found. */
export interface RunResult {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly program: Program;
  readonly rounds: number;
  readonly sections: readonly SectionResult[];
}

const nothing: Findings = { tables: [], bars: [], charts: [], ratios: [], notes: [], samples: [] };

export const sectionResult = (
  name: SectionName,
  { found, othersShare }: { readonly found: Partial<Findings>; readonly othersShare: number },
): SectionResult => ({ ...nothing, ...found, name, othersShare });

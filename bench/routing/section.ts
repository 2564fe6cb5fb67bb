/** A table of the routing benchmark. */
export interface SectionTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure that a section is judged by. */
export interface SectionBar {
  readonly name: string;
  readonly value: number;
  /** What it must reach, or not exceed. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface RoutingSection {
  readonly title: string;
  /** What was done, in a sentence or two. */
  readonly about: string;
  readonly tables: readonly SectionTable[];
  readonly bars: readonly SectionBar[];
  readonly isPassed: boolean;
}

export const passes = ({ value, atLeast, atMost }: SectionBar): boolean =>
  value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);

/** A section judged by its bars; a bar that is no number fails. */
export const judgeSection = (section: Omit<RoutingSection, "isPassed">): RoutingSection => ({
  ...section,
  isPassed: section.bars.every(passes),
});

/** `83.2`: a share in percent. */
export const percent = (share: number): string => (share * 100).toFixed(1);

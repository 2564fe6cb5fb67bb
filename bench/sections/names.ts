/** What can be asked for with --only, in the order in which it runs. */
export const sectionNames = [
  "whole",
  "streamed",
  "latency",
  "assembled",
  "policies",
  "prompts",
  "tls",
  "start",
  "memory",
  "flatness",
] as const;
export type SectionName = (typeof sectionNames)[number];

/** What --short measures. */
export const shortSections: readonly SectionName[] = ["whole", "streamed"];

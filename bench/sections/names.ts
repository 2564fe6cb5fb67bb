/** What can be asked for with --only, in the order in which it runs. */
export const sectionNames = ["whole", "streamed"] as const;
export type SectionName = (typeof sectionNames)[number];

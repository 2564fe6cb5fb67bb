/** How much somebody's calls matter when a limit is nearly used up, the most first. */
export const priorities = ["high", "normal", "low"] as const;
export type Priority = (typeof priorities)[number];

/** What counts where nothing is said. */
export const usualPriority: Priority = "normal";

/** Whether one comes before the other. */
export const isHigher = (one: Priority, other: Priority): boolean =>
  priorities.indexOf(one) < priorities.indexOf(other);

/** The priority that a text names; undefined where it names none. */
export const toPriority = (text: string | undefined): Priority | undefined =>
  priorities.find((priority) => priority === text);

import type { Command } from "commander";
import type { CliContext } from "./context.ts";

/** Runs an action once the command line is understood; what it throws is shown and sets the exit code. */
export type Run = (action: (context: CliContext) => Promise<void>) => Promise<void>;

/**
 * Adds one command to the tree: its words, options and help. What it does is imported when it is run, so that help,
 * completion and `version` load nothing of it.
 */
export type Declare = (program: Command, run: Run) => void;

/** Help text with examples, as every command shows it. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((one) => `  $ ${one}\n`).join("")}`;

/** For options that may be given several times, or once with commas between. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])),
];

import { featuresOf } from "../../../routing/learned/features/features-of.ts";
import { openTaskClassifier } from "../../../routing/learned/task-kind/classify.ts";
import { readShippedTaskKinds } from "../../../runtime/shipped-files.ts";
import { wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Says what kind of task a prompt is and how hard: that of the command line, or of standard input. */
export const classifyPrompt = async (context: CliContext, words: readonly string[]): Promise<void> => {
  const prompt = words.length > 0 ? words.join(" ") : await context.system.stdin.readText();
  if (prompt.trim() === "") throw wrongUsage("A prompt is missing: give it as an argument or on standard input.");
  const found = openTaskClassifier(readShippedTaskKinds)(featuresOf(prompt));
  context.print(
    found,
    () =>
      `${found.taskKind} (${percent(found.taskConfidence)}), ${found.complexity} (${percent(found.complexityConfidence)})\n`,
  );
};

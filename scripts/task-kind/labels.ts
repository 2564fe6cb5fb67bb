import type { LabelledRow } from "../../src/routing/learned/dataset.ts";
import type { Complexity, TaskKind } from "../../src/routing/learned/task-kind/classification.ts";

const named: Readonly<Record<string, TaskKind>> = {
  gsm: "math",
  gsm8k: "math",
  math: "math",
  "math-l5": "math",
  "agentverse-mgsm": "math",
  "agentverse-logicgrid": "reasoning",
  formal_logic: "reasoning",
  logical_fallacies: "reasoning",
  crux: "code",
  mbpp: "code",
  human_eval: "code",
  natural_qa: "knowledge",
  trivia_qa: "knowledge",
  commonsense_qa: "commonsense",
  openbook_qa: "science",
  arc_challenge: "science",
  gpqa: "science",
};

/** Of mixed subjects, or lists of words without an instruction: their rows say nothing of a kind. */
const unnamed: ReadonlySet<string> = new Set(["mmlu", "commongen"]);

const subjects: readonly (readonly [pattern: RegExp, kind: TaskKind])[] = [
  [/mathematics|algebra|statistics/, "math"],
  [/physics|chemistry|biology|astronomy|anatomy|medic|virology|genetics|clinical|electrical|nutrition/, "science"],
];

/** The kind of task that a row of the project's data sets is; undefined where its set does not say. The subjects are MMLU's. */
export const taskKindOf = ({ task }: LabelledRow): TaskKind | undefined => {
  if (unnamed.has(task)) return undefined;
  return named[task] ?? subjects.find(([pattern]) => pattern.test(task))?.[1] ?? "knowledge";
};

/** By the mean quality over the models of the row's set: at least two thirds, one third, or less. */
export const complexityOf = ({ q }: LabelledRow): Complexity => {
  const values = Object.values(q);
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  if (mean >= 2 / 3) return "simple";
  return mean >= 1 / 3 ? "moderate" : "complex";
};

/** Rows of one group may be the same question in other words of frame: they go to one fold. */
export const groupOf = ({ prompt, task }: LabelledRow): string =>
  task === "crux"
    ? prompt
    : prompt
        .replace(/^(?:q|question)\s?:/i, "")
        .toLowerCase()
        .replace(/[^a-z0-9]/g, "")
        .slice(0, 60);

/** The question without what its benchmark puts around it: options and `Answer:`, an instruction that all rows share. */
export const bareQuestion = ({ prompt, task }: LabelledRow): string | undefined => {
  if (task === "crux") return prompt.slice(prompt.indexOf("[PYTHON]") + 8).replace("[/PYTHON]", "");
  const options = prompt.search(/\nA\. /);
  return options > 0 && /Answer:\s*$/.test(prompt) ? prompt.slice(0, options) : undefined;
};

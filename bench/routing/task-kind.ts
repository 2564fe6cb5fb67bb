import {
  crossValidate,
  type Held,
  type LabelledPrompt,
  promptsOf,
  trainTaskKinds,
} from "../../scripts/task-kind/train.ts";
import { calibrationError, percentile } from "../../src/routing/learned/metrics/scores.ts";
import { complexities, taskKinds } from "../../src/routing/learned/task-kind/classification.ts";
import { classifyWith } from "../../src/routing/learned/task-kind/classify.ts";
import { judgeSection, percent, type RoutingSection, type SectionTable } from "./section.ts";
import { readSet, routingSets } from "./sets.ts";

interface Judged {
  readonly truth: string;
  readonly said: string;
  readonly confidence: number;
}

const kindsOf = (held: readonly Held[]): readonly Judged[] =>
  held.flatMap(({ prompt, said }) =>
    prompt.kind === undefined ? [] : { truth: prompt.kind, said: said.taskKind, confidence: said.taskConfidence },
  );

const complexitiesOf = (held: readonly Held[]): readonly Judged[] =>
  held.map(({ prompt, said }) => ({
    truth: prompt.complexity,
    said: said.complexity,
    confidence: said.complexityConfidence,
  }));

const accuracy = (judged: readonly Judged[]): number =>
  judged.filter(({ truth, said }) => truth === said).length / judged.length;

/** `other` names no kind, so it claims nothing that could be right. */
const errorOf = (judged: readonly Judged[]): number => {
  const named = judged.filter(({ said }) => said !== "other");
  return calibrationError(
    named.map(({ confidence }) => confidence),
    named.map(({ truth, said }) => Number(truth === said)),
  );
};

const confusion = (judged: readonly Judged[], classes: readonly string[]): SectionTable => {
  const count = (truth: string, said: string) =>
    judged.filter((one) => one.truth === truth && one.said === said).length;
  return {
    columns: ["truly ↓, said →", ...classes, "right %"],
    rows: classes.flatMap((truth) => {
      const own = judged.filter((one) => one.truth === truth);
      if (own.length === 0) return [];
      return [[truth, ...classes.map((said) => String(count(truth, said))), percent(accuracy(own))]];
    }),
  };
};

/** Trained on one set, judged by the questions of the others that it does not hold: what a foreign style costs. */
const acrossSets = (prompts: readonly LabelledPrompt[], trainedOn: string): SectionTable => {
  const own = prompts.filter(({ set }) => set === trainedOn);
  const groups = new Set(own.map(({ group }) => group));
  const model = trainTaskKinds(own, crossValidate(own));
  const others = [...new Set(prompts.map(({ set }) => set))].filter((set) => set !== trainedOn);
  return {
    columns: [`trained on ${trainedOn} alone`, "rows", "kinds right %"],
    rows: others.map((set) => {
      const fresh = prompts.filter((one) => one.set === set && one.kind !== undefined && !groups.has(one.group));
      const held = fresh.map((prompt) => ({ prompt, said: classifyWith(model, prompt.features) }));
      return [set, String(held.length), percent(accuracy(kindsOf(held)))];
    }),
  };
};

const timesOf = (prompts: readonly LabelledPrompt[]): readonly number[] => {
  const model = trainTaskKinds(prompts.slice(0, 500), crossValidate(prompts.slice(0, 500)));
  return prompts.slice(0, 2_000).map(({ features }) => {
    const started = performance.now();
    classifyWith(model, features);
    return (performance.now() - started) * 1_000;
  });
};

/** Task kind and complexity of held-out rows, said by models that did not see their questions. */
export const taskKindSection = (): RoutingSection => {
  const prompts = routingSets.flatMap(({ name }) => promptsOf(name, readSet(name)));
  const { held } = crossValidate(prompts);
  const [kinds, hardness] = [kindsOf(held), complexitiesOf(held)];
  const times = timesOf(prompts);
  return judgeSection({
    title: "Task kind and complexity",
    about: `${prompts.length} rows in five folds that keep equal questions together; a classification takes ${percentile(times, 0.5).toFixed(0)} µs at the median, ${percentile(times, 0.99).toFixed(0)} µs at p99.`,
    tables: [confusion(kinds, taskKinds), confusion(hardness, complexities), acrossSets(prompts, "llmrouter-9")],
    bars: [
      { name: "kinds that are right, share", value: accuracy(kinds), atLeast: 0.9 },
      { name: "calibration error of kinds", value: errorOf(kinds), atMost: 0.05 },
      { name: "complexities that are right, share", value: accuracy(hardness), atLeast: 0.58 },
      { name: "calibration error of complexities", value: errorOf(hardness), atMost: 0.05 },
    ],
  });
};

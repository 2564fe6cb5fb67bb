import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSet, routingSets } from "../bench/routing/sets.ts";
import { writeTaskKindModel } from "../src/routing/learned/task-kind/task-kind-model.ts";
import { crossValidate, promptsOf, trainTaskKinds } from "./task-kind/train.ts";

// bun scripts/train-task-kind.ts: trains the shipped classifier of task kinds and complexity on the data of the project,
// data/routing/task-kind.json. The same data give the same file.

const prompts = routingSets.flatMap(({ name }) => promptsOf(name, readSet(name)));
const validated = crossValidate(prompts);
const right = (field: "kind" | "complexity", said: "taskKind" | "complexity"): string => {
  const judged = validated.held.filter(({ prompt }) => prompt[field] !== undefined);
  return `${((judged.filter((one) => one.prompt[field] === one.said[said]).length / judged.length) * 100).toFixed(1)} %`;
};
const text = writeTaskKindModel(trainTaskKinds(prompts, validated));
const file = join(import.meta.dirname, "../data/routing/task-kind.json");
writeFileSync(file, text);
process.stdout.write(
  `${file}: ${text.length} bytes from ${prompts.length} rows; on held-out rows ${right("kind", "taskKind")} of kinds and ` +
    `${right("complexity", "complexity")} of complexities are right\n`,
);

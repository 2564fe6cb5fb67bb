import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseLabelledRows } from "../../src/routing/learned/dataset.ts";
import type { LabelledModel } from "../../src/routing/learned/model-mapping/fit-mapping.ts";
import { yearOf } from "../../src/routing/learned/model-mapping/map-model.ts";

const folder = join(import.meta.dirname, "../../data/routing");
export const labelledSets = ["zeroeval", "llmrouter-9", "routellm-mmlu", "routellm-gsm8k"] as const;
/** Kinds of task with fewer rows say little of a model; they count in the mean of the set only. */
const fewestRows = 100;

const readJson = <Content>(name: string): Content => JSON.parse(readFileSync(join(folder, name), "utf8")) as Content;

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const modelsOf = (set: string, released: Readonly<Record<string, string>>): readonly LabelledModel[] => {
  const { prices_per_M: prices } = readJson<{ prices_per_M: Record<string, readonly [number, number]> }>(
    `${set}.meta.json`,
  );
  const rows = parseLabelledRows(gunzipSync(readFileSync(join(folder, `${set}.jsonl.gz`))).toString("utf8"), set);
  const tasks = [...Map.groupBy(rows, ({ task }) => task).values()].filter(({ length }) => length >= fewestRows);
  return Object.entries(prices).map(([name, [, outputUsdPerMillion]]) => {
    const month = released[name];
    if (month === undefined) throw new Error(`data/routing/released.json does not tell when ${name} came out`);
    const qualityIn = (some: typeof rows): number => mean(some.flatMap(({ q }) => q[name] ?? []));
    return {
      ...{ name, set, outputUsdPerMillion, year: yearOf(Date.parse(`${month}-15`)) },
      ...{ quality: qualityIn(rows), tasks: tasks.map(qualityIn) },
    };
  });
};

/** The models of the four labelled sets, with their facts and what came true of them. */
export const readLabelledModels = (): readonly LabelledModel[] => {
  const released = readJson<Record<string, string>>("released.json");
  return labelledSets.flatMap((set) => modelsOf(set, released));
};

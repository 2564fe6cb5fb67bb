import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type LabelledRow, parseLabelledRows } from "../src/routing/learned/dataset.ts";
import { encodeModel } from "../src/routing/learned/model-file/encode-model.ts";
import { logit } from "../src/routing/learned/numbers.ts";
import { logUsd, yearOf } from "../src/routing/learned/prior-of.ts";
import { trainRouter } from "../src/routing/learned/train.ts";
import { reportOf } from "../src/routing/learned/train-report.ts";
import { trainingRowOf } from "../src/routing/learned/training-row.ts";

// node scripts/run.mjs scripts/train-prior.ts
// Trains data/routing/prior.model on the four labelled sets, and prints the coefficients of src/routing/learned/prior-of.ts.

const folder = join(import.meta.dirname, "../data/routing");
const sets = ["zeroeval", "llmrouter-9", "routellm-mmlu", "routellm-gsm8k"] as const;

/** Month in which the makers released each model, by their own announcements. */
const released: Readonly<Record<string, string>> = {
  "gpt-4o-2024-08-06": "2024-08",
  "gpt-4o-2024-05-13": "2024-05",
  "gpt-4o-mini-2024-07-18": "2024-07",
  "gpt-3.5-turbo-0125": "2024-01",
  "claude-3-5-sonnet-20241022": "2024-10",
  "claude-3-5-sonnet-20240620": "2024-06",
  "claude-3-5-haiku-20241022": "2024-10",
  "claude-3-haiku-20240307": "2024-03",
  "claude-3-opus-20240229": "2024-02",
  "gemini-1.5-pro": "2024-05",
  "gemini-1.5-flash": "2024-05",
  "deepseek-v2.5-0908": "2024-09",
  "Mistral-Large-2": "2024-07",
  "Meta-Llama-3.1-70B-Instruct": "2024-07",
  "Meta-Llama-3.1-8B-Instruct": "2024-07",
  "Meta-Llama-3-70B-Instruct": "2024-04",
  "Meta-Llama-3-8B-Instruct": "2024-04",
  "Qwen2-72B-Instruct": "2024-06",
  "Qwen2-7B-Instruct": "2024-06",
  "gemma-2-9b-it": "2024-06",
  "gemma-2-2b-it": "2024-07",
  "Yi-1.5-34B-Chat": "2024-05",
  "Yi-1.5-9B-Chat": "2024-05",
  "Phi-3.5-mini-instruct": "2024-08",
  "Athene-70B": "2024-07",
  "reka-core-20240501": "2024-05",
  "llama3-chatqa-1.5-8b": "2024-05",
  "llama3-chatqa-1.5-70b": "2024-05",
  "mistral-7b-instruct-v0.3": "2024-05",
  "llama-3.1-8b-instruct": "2024-07",
  "codegemma-7b": "2024-04",
  "llama-3.1-nemotron-51b-instruct": "2024-09",
  "qwen2.5-7b-instruct": "2024-09",
  "llama-3.3-nemotron-super-49b-v1": "2025-03",
};

const read = (name: string): readonly LabelledRow[] =>
  parseLabelledRows(gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString("utf8"), name);

const pricesOf = (name: string): Readonly<Record<string, readonly [number, number]>> =>
  (
    JSON.parse(readFileSync(join(folder, `${name}.meta.json`), "utf8")) as {
      prices_per_M: Record<string, [number, number]>;
    }
  ).prices_per_M;

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** A model in a set: quality over the set's mean, in logits, and its facts. */
interface Fact {
  readonly over: number;
  readonly price: number;
  readonly year: number;
}

const factsOf = (name: string, rows: readonly LabelledRow[]): readonly Fact[] => {
  const known = Object.entries(pricesOf(name)).flatMap(([model, [, output]]) => {
    const month = released[model];
    if (month === undefined) return [];
    const quality = logit(mean(rows.map(({ q }) => q[model] ?? 0)));
    return [{ over: quality, price: logUsd(output), year: yearOf(Date.parse(`${month}-15`)) }];
  });
  const level = mean(known.map(({ over }) => over));
  return known.map((one) => ({ ...one, over: one.over - level }));
};

/** Least squares of two inputs, lightly penalised. */
const fitFacts = (facts: readonly Fact[]) => {
  const meanLogUsd = mean(facts.map(({ price }) => price));
  const meanYear = mean(facts.map(({ year }) => year));
  const centred = facts.map((one) => ({ over: one.over, price: one.price - meanLogUsd, year: one.year - meanYear }));
  const sum = (of: (one: Fact) => number): number => centred.reduce((total, one) => total + of(one), 0);
  const [pp, yy, py] = [
    sum(({ price }) => price * price) + 1,
    sum(({ year }) => year * year) + 0.1,
    sum((one) => one.price * one.year),
  ];
  const [po, yo] = [sum((one) => one.price * one.over), sum((one) => one.year * one.over)];
  const determinant = pp * yy - py * py;
  const perLogUsd = (po * yy - yo * py) / determinant;
  const perYear = (yo * pp - po * py) / determinant;
  const left = centred.map(({ over, price, year }) => (over - perLogUsd * price - perYear * year) ** 2);
  return {
    perLogUsd,
    perYear,
    variance: mean(left),
    meanLogUsd,
    meanYear,
    before: mean(centred.map(({ over }) => over ** 2)),
  };
};

const labelled = sets.map((name) => [name, read(name)] as const);
const rows = labelled.flatMap(([, held]) => held);
const model = trainRouter(rows.map(trainingRowOf));
const bytes = encodeModel(model);
writeFileSync(join(folder, "prior.model"), bytes);
const { models } = reportOf(model);
const better = models.filter(({ brier, constantBrier }) => brier < constantBrier).length;
process.stdout.write(
  `${rows.length} rows, ${models.length} models, ${(bytes.length / 1e6).toFixed(2)} MB; ` +
    `better than the mean alone for ${better} of them\n` +
    `Brier ${mean(models.map(({ brier }) => brier)).toFixed(4)}, of the mean alone ${mean(models.map(({ constantBrier }) => constantBrier)).toFixed(4)}, ` +
    `ECE ${mean(models.map(({ calibrationError }) => calibrationError)).toFixed(4)}\n` +
    `${JSON.stringify(fitFacts(labelled.flatMap(([name, held]) => factsOf(name, held))), undefined, 2)}\n`,
);

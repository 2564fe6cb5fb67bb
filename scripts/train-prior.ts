import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type LabelledRow, parseLabelledRows } from "../src/routing/learned/dataset.ts";
import { encodeModel } from "../src/routing/learned/model-file/encode-model.ts";
import { trainRouter } from "../src/routing/learned/train.ts";
import { reportOf } from "../src/routing/learned/train-report.ts";
import { trainingRowOf } from "../src/routing/learned/training-row.ts";

// node scripts/run.mjs scripts/train-prior.ts
// Trains data/routing/prior.model on the four labelled sets. What maps other models to
// those of the file is fitted by scripts/fit-model-mapping.ts.

const folder = join(import.meta.dirname, "../data/routing");
const sets = ["zeroeval", "llmrouter-9", "routellm-mmlu", "routellm-gsm8k"] as const;

const read = (name: string): readonly LabelledRow[] =>
  parseLabelledRows(gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString("utf8"), name);

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const rows = sets.flatMap(read);
const model = trainRouter(rows.map(trainingRowOf));
const bytes = encodeModel(model);
writeFileSync(join(folder, "prior.model"), bytes);
const { models } = reportOf(model);
const better = models.filter(({ brier, constantBrier }) => brier < constantBrier).length;
process.stdout.write(
  `${rows.length} rows, ${models.length} models, ${(bytes.length / 1e6).toFixed(2)} MB; ` +
    `better than the mean alone for ${better} of them\n` +
    `Brier ${mean(models.map(({ brier }) => brier)).toFixed(4)}, of the mean alone ${mean(models.map(({ constantBrier }) => constantBrier)).toFixed(4)}, ` +
    `ECE ${mean(models.map(({ calibrationError }) => calibrationError)).toFixed(4)}\n`,
);

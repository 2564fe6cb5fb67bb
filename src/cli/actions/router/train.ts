import type { LabelledRow } from "../../../routing/learned/dataset.ts";
import { encodeModel } from "../../../routing/learned/model-file/encode-model.ts";
import { trainRouter } from "../../../routing/learned/train.ts";
import { reportOf, type TrainReport } from "../../../routing/learned/train-report.ts";
import { trainingRowOf } from "../../../routing/learned/training-row.ts";
import { wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { readModelNames, writeWhole } from "./model-options.ts";
import { readRows } from "./read-lines.ts";

export interface TrainFlags {
  /** Of labelled rows. */
  readonly files: readonly string[];
  readonly out?: string;
  readonly models?: string;
  readonly seed: string;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const show = (report: TrainReport, context: CliContext): string => {
  const models = context.table({
    columns: [
      { title: "model", rigid: true },
      { title: "rows", align: "right" },
      { title: "quality", align: "right" },
      { title: "USD per 1,000", align: "right" },
      { title: "Brier", align: "right" },
      { title: "without prompt", align: "right" },
      { title: "ECE", align: "right" },
    ],
    rows: report.models.map((one) => [
      one.model,
      String(one.rows),
      percent(one.quality),
      (one.costUsd * 1_000).toPrecision(3),
      one.brier.toFixed(4),
      one.constantBrier.toFixed(4),
      one.calibrationError.toFixed(4),
    ]),
    empty: "No models.",
  });
  const promises = context.table({
    columns: [
      { title: "actions" },
      { title: "keep", align: "right" },
      { title: "kept", align: "right" },
      { title: "saved", align: "right" },
      { title: "by" },
    ],
    rows: report.promises.map((one) => [
      one.kinds,
      percent(one.keep),
      percent(one.kept),
      percent(one.saved),
      one.setting,
    ]),
    empty: "Too few rows know all models: nothing is promised but by the best model itself.",
  });
  return `${models}\nAgainst the best model, ${report.best}, on training rows that were not learned from:\n\n${promises}`;
};

/** Trains the learned router on labelled rows and writes its file. */
export const trainFromFiles = async (context: CliContext, flags: TrainFlags): Promise<void> => {
  const { files, out } = flags;
  if (files.length === 0) throw wrongUsage("--data is missing: a file of labelled rows.");
  if (out === undefined) throw wrongUsage("--out is missing: the file to write the model to.");
  const seed = Number(flags.seed);
  if (!/^\d{1,9}$/.test(flags.seed)) throw wrongUsage(`--seed takes a whole number, not '${flags.seed}'.`);
  const models = readModelNames(flags.models);
  // File by file: ids need not differ between data sets.
  const rows: LabelledRow[] = [];
  for (const file of files) rows.push(...(await readRows([file])));
  const model = trainRouter(rows.map(trainingRowOf), { seed, ...(models === undefined ? {} : { models }) });
  const bytes = encodeModel(model);
  await writeWhole(out, bytes);
  const report = reportOf(model);
  context.print({ out, bytes: bytes.length, rows: rows.length, ...report }, () => show(report, context));
  context.note(`${rows.length} rows, ${report.models.length} models: ${out}, ${(bytes.length / 1e6).toFixed(2)} MB.`);
};

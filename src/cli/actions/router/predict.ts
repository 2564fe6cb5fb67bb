import type { LabelledRow } from "../../../routing/learned/dataset.ts";
import { featuresOf } from "../../../routing/learned/features/features-of.ts";
import { predictRow } from "../../../routing/learned/predict-row.ts";
import { openRouter, type RouterOptions } from "../../../routing/learned/router.ts";
import { wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { readModel, readModelNames, writeWhole } from "./model-options.ts";
import { readRows } from "./read-lines.ts";

export interface PredictFlags {
  readonly files: readonly string[];
  readonly model?: string;
  readonly out?: string;
  readonly models?: string;
  readonly cascades?: boolean;
  readonly keep?: string;
  readonly lambda?: string;
}

/** What is kept of the best model's quality where nothing is asked for. */
const usualKeep = 0.99;

const readNumber = (option: string, text: string, most: number): number => {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= most))
    throw wrongUsage(
      `${option} takes a number from 0${most === Number.MAX_VALUE ? "" : ` to ${most}`}, not '${text}'.`,
    );
  return value;
};

/** What the choice aims at, as `--keep` and `--lambda` say. */
export const aimOf = ({ keep, lambda }: Pick<PredictFlags, "keep" | "lambda">): RouterOptions["aim"] => {
  if (keep !== undefined && lambda !== undefined) throw wrongUsage("--keep and --lambda exclude each other.");
  if (lambda !== undefined) return { price: readNumber("--lambda", lambda, Number.MAX_VALUE) };
  return { keep: keep === undefined ? usualKeep : readNumber("--keep", keep, 1) };
};

/** Predicts the quality and cost of each model on each row, and chooses; writes one JSON line for each row. */
export const predictRows = async (context: CliContext, flags: PredictFlags): Promise<void> => {
  const [file, ...further] = flags.files;
  if (flags.model === undefined) throw wrongUsage("--model is missing: a file that `router train` wrote.");
  if (file === undefined || further.length > 0) throw wrongUsage("--data takes one file of rows.");
  if (flags.out === undefined) throw wrongUsage("--out is missing: the file to write the predictions to.");
  const aim = aimOf(flags);
  const candidates = readModelNames(flags.models);
  const model = await readModel(flags.model);
  const rows: readonly LabelledRow[] = await readRows([file], "labels-optional");
  const router = openRouter({
    model,
    kinds: flags.cascades === true ? "cascades" : "singles",
    aim,
    batch: rows.map(({ prompt }) => featuresOf(prompt)),
    ...(candidates === undefined ? {} : { candidates }),
  });
  const lines = rows.map((row) => `${JSON.stringify(predictRow(router, row))}\n`);
  await writeWhole(flags.out, lines.join(""));
  const { setting } = router;
  context.print({ out: flags.out, rows: rows.length, setting, candidates: router.candidates }, () => "");
  context.note(`${rows.length} rows: ${flags.out}.`);
};

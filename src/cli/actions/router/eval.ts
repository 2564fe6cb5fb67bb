import { readFile } from "node:fs/promises";
import type { LabelledRow } from "../../../routing/learned/dataset.ts";
import { evaluate } from "../../../routing/learned/metrics/evaluate.ts";
import { decodeModel } from "../../../routing/learned/model-file/decode-model.ts";
import { predictRows } from "../../../routing/learned/predict-rows.ts";
import { parsePrediction, type RowPrediction } from "../../../routing/learned/prediction.ts";
import type { RouterOptions } from "../../../routing/learned/router.ts";
import { CliError, wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { readLines, readRows } from "./read-lines.ts";
import { showEvaluation } from "./show-evaluation.ts";

export interface EvaluateFlags {
  /** Of labelled rows. */
  readonly files: readonly string[];
  readonly predictions?: string;
  /** A trained model that predicts here and now, and how it shall choose. */
  readonly model?: string;
  readonly models?: readonly string[];
  readonly keep?: string;
  readonly lambda?: string;
  readonly cascades?: true;
  readonly best?: string;
  readonly resamples: string;
  readonly seed: string;
}

const readPredictions = async (file: string): Promise<readonly RowPrediction[]> => {
  const predictions: RowPrediction[] = [];
  for await (const { text, line } of readLines(file)) predictions.push(parsePrediction(text, { file, line }));
  return predictions;
};

const wholeNumber = (option: string, text: string, most: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw wrongUsage(`${option} takes a whole number from 1 to ${most}, not '${text}'.`);
  return value;
};

const decimal = (option: string, text: string, most: number): number => {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= most))
    throw wrongUsage(
      `${option} takes a number from 0${most === Number.POSITIVE_INFINITY ? "" : ` to ${most}`}, not '${text}'.`,
    );
  return value;
};

const defaultKeep = "0.98";

const aimOf = ({ keep, lambda }: EvaluateFlags): RouterOptions["aim"] => {
  if (keep !== undefined && lambda !== undefined) throw wrongUsage("Give --keep or --lambda, not both.");
  return lambda === undefined
    ? { keep: decimal("--keep", keep ?? defaultKeep, 1) }
    : { price: decimal("--lambda", lambda, Number.POSITIVE_INFINITY) };
};

const readModelFile = async (file: string): Promise<Uint8Array> => {
  try {
    // A copy of its own: what is read may lie within a larger buffer, at any offset.
    return new Uint8Array(await readFile(file));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CliError("failure", "unreadable_file", `Cannot read '${file}': ${why}.`, thrown);
  }
};

/** The models that the file knows and every row has a label of. */
const sharedModels = (known: readonly string[], rows: readonly LabelledRow[]): readonly string[] => {
  const shared = known.filter((model) => rows.every(({ q }) => q[model] !== undefined));
  if (shared.length === 0) throw new CliError("failure", "invalid_value", "No model of the file stands in every row.");
  return shared;
};

const predict = async (file: string, rows: readonly LabelledRow[], flags: EvaluateFlags) => {
  const aim = aimOf(flags);
  const model = decodeModel(await readModelFile(file), file);
  const candidates = flags.models ?? sharedModels(model.models, rows);
  return predictRows(rows, { model, candidates, aim, kinds: flags.cascades === true ? "cascades" : "singles" });
};

/** Judges the predictions of a file, or those of a model, by labelled rows. */
export const evaluateRouter = async (context: CliContext, flags: EvaluateFlags): Promise<void> => {
  const { files, predictions: file, model } = flags;
  if (files.length === 0) throw wrongUsage("--data is missing: a file of labelled rows.");
  if ((file === undefined) === (model === undefined))
    throw wrongUsage(
      "Give either --model, a trained model, or --predictions, what `router predict` wrote for these rows.",
    );
  const resamples = wholeNumber("--resamples", flags.resamples, 100_000);
  const seed = wholeNumber("--seed", flags.seed, 4_294_967_295);
  const rows = await readRows(files);
  const predicted: { readonly predictions: readonly RowPrediction[]; readonly best?: string } =
    model === undefined ? { predictions: await readPredictions(file ?? "") } : await predict(model, rows, flags);
  const best = flags.best ?? predicted.best;
  const evaluation = evaluate(rows, predicted.predictions, {
    resamples,
    seed,
    ...(best === undefined ? {} : { best }),
  });
  context.print(evaluation, () => showEvaluation(evaluation, context));
};

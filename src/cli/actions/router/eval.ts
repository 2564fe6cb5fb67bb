import type { LabelledRow } from "../../../routing/learned/dataset.ts";
import { featuresOf } from "../../../routing/learned/features/features-of.ts";
import { evaluate } from "../../../routing/learned/metrics/evaluate.ts";
import { predictRow } from "../../../routing/learned/predict-row.ts";
import { parsePrediction, type RowPrediction } from "../../../routing/learned/prediction.ts";
import { openRouter } from "../../../routing/learned/router.ts";
import { CliError, wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { readModel, readModelNames } from "./model-options.ts";
import { aimOf } from "./predict.ts";
import { readLines, readRows } from "./read-lines.ts";
import { showEvaluation } from "./show-evaluation.ts";

export interface EvaluateFlags {
  /** Of labelled rows. */
  readonly files: readonly string[];
  readonly predictions?: string;
  /** A trained model that predicts here and now, and how it shall choose. */
  readonly model?: string;
  readonly models?: string;
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

/** The models that the file knows and every row has a label of. */
const sharedModels = (known: readonly string[], rows: readonly LabelledRow[]): readonly string[] => {
  const shared = known.filter((model) => rows.every(({ q }) => q[model] !== undefined));
  if (shared.length === 0) throw new CliError("failure", "invalid_value", "No model of the file stands in every row.");
  return shared;
};

/** The predictions of a model, and the best single one of the rows that it was trained on. */
const predict = async (file: string, rows: readonly LabelledRow[], flags: EvaluateFlags) => {
  const aim = aimOf(flags);
  const names = readModelNames(flags.models);
  const model = await readModel(file);
  const router = openRouter({
    model,
    aim,
    kinds: flags.cascades === true ? "cascades" : "singles",
    candidates: names ?? sharedModels(model.models, rows),
    batch: rows.map(({ prompt }) => featuresOf(prompt)),
  });
  const best = router.candidates[router.policy.best] ?? "";
  return { predictions: rows.map((row) => predictRow(router, row)), best };
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

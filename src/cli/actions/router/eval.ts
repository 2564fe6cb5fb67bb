import { evaluate } from "../../../routing/learned/metrics/evaluate.ts";
import { parsePrediction, type RowPrediction } from "../../../routing/learned/prediction.ts";
import { wrongUsage } from "../../cli-error.ts";
import type { CliContext } from "../../context.ts";
import { readLines, readRows } from "./read-lines.ts";
import { showEvaluation } from "./show-evaluation.ts";

export interface EvaluateFlags {
  /** Of labelled rows. */
  readonly files: readonly string[];
  readonly predictions?: string;
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

/** Judges the predictions of a file by the labelled rows of others. */
export const evaluateRouter = async (context: CliContext, flags: EvaluateFlags): Promise<void> => {
  if (flags.files.length === 0) throw wrongUsage("--data is missing: a file of labelled rows.");
  if (flags.predictions === undefined)
    throw wrongUsage("--predictions is missing: the file that `router predict` wrote for these rows.");
  const resamples = wholeNumber("--resamples", flags.resamples, 100_000);
  const seed = wholeNumber("--seed", flags.seed, 4_294_967_295);
  const rows = await readRows(flags.files);
  const predictions = await readPredictions(flags.predictions);
  const best = flags.best === undefined ? {} : { best: flags.best };
  const evaluation = evaluate(rows, predictions, { resamples, seed, ...best });
  context.print(evaluation, () => showEvaluation(evaluation, context));
};

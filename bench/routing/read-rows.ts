import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type LabelledRow, parseLabelledRows } from "../../src/routing/learned/dataset.ts";

const folder = join(import.meta.dirname, "../../data/routing");

/** The text of a data set of the project, by its name without ending. */
export const readDataText = (name: string): string =>
  gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString();

export const readDataRows = (name: string): readonly LabelledRow[] => parseLabelledRows(readDataText(name), name);

export interface TextRow {
  readonly id: string;
  readonly task: string;
  /** The right answer. */
  readonly gold: string;
  /** What each model wrote. */
  readonly text: Readonly<Record<string, string>>;
}

/** The raw texts behind `zeroeval`. */
export const readTextRows = (): readonly TextRow[] =>
  readDataText("zeroeval-texts")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TextRow);

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const file = join(import.meta.dirname, "../../data/routing/zeroeval-texts.jsonl.gz");

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
  gunzipSync(readFileSync(file))
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TextRow);

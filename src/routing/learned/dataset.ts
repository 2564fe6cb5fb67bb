import { GatewayError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";

/** One query with what each model made of it. Models are the keys of the records; a row may lack some of them. */
export interface LabelledRow {
  readonly id: string;
  /** The kind of task, as the data set names it; empty where it names none. */
  readonly task: string;
  readonly split?: string;
  readonly prompt: string;
  /** Quality of each model's answer, 0–1. */
  readonly q: Readonly<Record<string, number>>;
  /** What each model's answer cost, in USD. */
  readonly c: Readonly<Record<string, number>>;
  /** Input and output tokens of each model. */
  readonly in?: Readonly<Record<string, number>>;
  readonly out?: Readonly<Record<string, number>>;
  /** Each model's final answer; null where it gave none. */
  readonly ans?: Readonly<Record<string, string | null>>;
}

/** Whether rows without `q` and `c` are taken: a prediction needs neither, training and evaluation both. */
export type LabelNeed = "labels-required" | "labels-optional";

export interface RowParser {
  /** The rows that are whole with this piece of text. */
  push(text: string): readonly LabelledRow[];
  /** The last row, where no line feed ends it. */
  end(): readonly LabelledRow[];
}

/** Characters of one line. Longer ones are no data set of queries, and would be held whole. */
export const longestLine = 16_000_000;

interface Place {
  readonly file: string;
  readonly line: number;
}

const refuse = ({ file, line }: Place, what: string): GatewayError =>
  new GatewayError("invalid_value", `${file}, line ${line}: ${what}`);

type Check<Value> = (value: JsonValue) => Value | undefined;

const finite = (value: JsonValue): value is number => typeof value === "number" && Number.isFinite(value);
const quality: Check<number> = (value) => (finite(value) && value >= 0 && value <= 1 ? value : undefined);
const usd: Check<number> = (value) => (finite(value) && value >= 0 ? value : undefined);
const count: Check<number> = (value) => (finite(value) && Number.isInteger(value) && value >= 0 ? value : undefined);
const answer: Check<string | null> = (value) => (value === null || typeof value === "string" ? value : undefined);

const readText = (row: JsonObject, field: string, place: Place): string => {
  const value = row[field];
  if (typeof value !== "string") throw refuse(place, `'${field}' must be a text.`);
  return value;
};

interface RecordField<Value> {
  readonly field: string;
  readonly check: Check<Value>;
  readonly expected: string;
}

const readRecord = <Value>(
  row: JsonObject,
  { field, check, expected }: RecordField<Value>,
  place: Place,
): Readonly<Record<string, Value>> | undefined => {
  const value = row[field];
  if (value === undefined) return undefined;
  if (!isJsonObject(value)) throw refuse(place, `'${field}' must be an object with one key for each model.`);
  // Without a prototype: a model may be called "constructor".
  const record: Record<string, Value> = Object.create(null);
  for (const [model, one] of Object.entries(value)) {
    const checked = check(one);
    if (checked === undefined) throw refuse(place, `'${field}' of model '${model}' must be ${expected}.`);
    record[model] = checked;
  }
  return record;
};

const qualityField: RecordField<number> = { field: "q", check: quality, expected: "a number from 0 to 1" };
const costField: RecordField<number> = { field: "c", check: usd, expected: "an amount of USD, 0 or more" };
const tokens = (field: string): RecordField<number> => ({ field, check: count, expected: "a whole number, 0 or more" });
const answerField: RecordField<string | null> = { field: "ans", check: answer, expected: "a text or null" };

const readRow = (text: string, need: LabelNeed, place: Place): LabelledRow => {
  const row = parseJson(text);
  if (!isJsonObject(row)) throw refuse(place, "not a JSON object. Each line holds one row.");
  const q = readRecord(row, qualityField, place);
  const c = readRecord(row, costField, place);
  if (need === "labels-required") {
    if (q === undefined || Object.keys(q).length === 0) throw refuse(place, "'q' is missing: the models' quality.");
    if (c === undefined) throw refuse(place, "'c' is missing: what each model's answer cost, in USD.");
    for (const model in q) if (c[model] === undefined) throw refuse(place, `'c' lacks the cost of model '${model}'.`);
  }
  const input = readRecord(row, tokens("in"), place);
  const output = readRecord(row, tokens("out"), place);
  const answers = readRecord(row, answerField, place);
  return {
    id: readText(row, "id", place),
    task: row["task"] === undefined ? "" : readText(row, "task", place),
    ...(row["split"] === undefined ? {} : { split: readText(row, "split", place) }),
    prompt: readText(row, "prompt", place),
    q: q ?? {},
    c: c ?? {},
    ...(input === undefined ? {} : { in: input }),
    ...(output === undefined ? {} : { out: output }),
    ...(answers === undefined ? {} : { ans: answers }),
  };
};

/**
 * Parses JSON lines as their text comes in, of any cut. Empty lines are passed over, fields it does not know too.
 * Throws GatewayError `invalid_value` with file, line and field: no JSON, a value out of range, an id that stood before,
 * a line over {@link longestLine}.
 */
export const openRowParser = (file: string, need: LabelNeed = "labels-required"): RowParser => {
  const seen = new Map<string, number>();
  let line = 0;
  let rest = "";
  const read = (text: string): readonly LabelledRow[] => {
    line += 1;
    if (text.trim() === "") return [];
    const place = { file, line };
    const row = readRow(text, need, place);
    const before = seen.get(row.id);
    if (before !== undefined) throw refuse(place, `the id stood in line ${before} before: '${row.id.slice(0, 100)}'.`);
    seen.set(row.id, line);
    return [row];
  };
  return {
    push: (text) => {
      const lines = text.split("\n");
      const last = lines.pop() ?? "";
      // What was left over is joined to the first line only, so that a long line in many pieces costs no more than one.
      const [first, ...others] = lines;
      const rows = first === undefined ? [] : [`${rest}${first}`, ...others].flatMap(read);
      rest = first === undefined ? rest + last : last;
      if (rest.length > longestLine)
        throw refuse({ file, line: line + 1 }, `longer than ${longestLine} characters. Each line holds one row.`);
      return rows;
    },
    end: () => {
      const last = rest;
      rest = "";
      return read(last);
    },
  };
};

/** All rows of a text that is there whole; throws as {@link openRowParser} does. */
export const parseLabelledRows = (
  text: string,
  file: string,
  need: LabelNeed = "labels-required",
): readonly LabelledRow[] => {
  const parser = openRowParser(file, need);
  return [...parser.push(text), ...parser.end()];
};

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { type LabelledRow, type LabelNeed, openRowParser } from "../../../routing/learned/dataset.ts";
import { CliError } from "../../cli-error.ts";

const decode = async function* (path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const bytes = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // A pipe does not hand on what its source throws.
  if (bytes !== file) file.on("error", (error) => bytes.destroy(error));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of bytes) yield decoder.decode(chunk as Uint8Array, { stream: true });
    yield decoder.decode();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CliError("failure", "unreadable_file", `Cannot read '${path}': ${why}.`, thrown);
  } finally {
    file.destroy();
  }
};

/** All rows of JSON lines files, gzipped where the name ends in `.gz`. Throws CliError or GatewayError that names the file. */
export const readRows = async (
  paths: readonly string[],
  need: LabelNeed = "labels-required",
): Promise<readonly LabelledRow[]> => {
  const rows: LabelledRow[] = [];
  for (const path of paths) {
    const parser = openRowParser(path, need);
    for await (const text of decode(path)) rows.push(...parser.push(text));
    rows.push(...parser.end());
  }
  return rows;
};

/** The lines of a file that are not empty, with their numbers from 1; gzipped where the name ends in `.gz`. */
export const readLines = async function* (
  path: string,
): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let rest = "";
  let line = 0;
  for await (const piece of decode(path)) {
    const lines = piece.split("\n");
    lines[0] = `${rest}${lines[0] ?? ""}`;
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line += 1;
      if (text.trim() !== "") yield { text, line };
    }
  }
  if (rest.trim() !== "") yield { text: rest, line: line + 1 };
};

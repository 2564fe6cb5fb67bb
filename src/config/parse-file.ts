import { type Format, formats } from "./formats.ts";
import { noLines, type ParsedFile, safeMessage } from "./parsed-file.ts";

type Reader = (text: string, file: string) => ParsedFile;

// Only a file in its format takes a parser into memory.
const yaml = async (): Promise<Reader> => (await import("./read-yaml.ts")).readYaml;
const readers: Readonly<Record<Format, () => Promise<Reader>>> = {
  yaml,
  yml: yaml,
  json: async () => (await import("./read-yaml.ts")).readJson,
  toml: async () => (await import("./read-toml.ts")).readToml,
};

/** Reads a file by its ending. Never throws: what is wrong stands in `problems`. */
export const parseFile = async (bytes: Uint8Array, file: string): Promise<ParsedFile> => {
  const fault = (message: string): ParsedFile => ({
    tree: {},
    lines: noLines,
    problems: [{ path: "", message, source: { kind: "file", file } }],
  });
  const format = formats.find((ending) => file.toLowerCase().endsWith(`.${ending}`));
  if (format === undefined) return fault(`has no known ending; use one of .${formats.join(", .")}`);
  try {
    // The decoder drops a byte order mark by itself.
    const read = await readers[format]();
    return read(new TextDecoder("utf-8", { fatal: true }).decode(bytes), file);
  } catch (thrown) {
    if (thrown instanceof TypeError) return fault("is not UTF-8 text; save it as UTF-8");
    if (thrown instanceof RangeError) return fault("is nested too deeply");
    return fault(safeMessage(thrown));
  }
};

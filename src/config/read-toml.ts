import { parse as parseToml } from "smol-toml";
import { noLines, type ParsedFile, safeMessage, toParsedFile } from "./parsed-file.ts";

/** Reads TOML 1.0. */
export const readToml = (text: string, file: string): ParsedFile => {
  try {
    return toParsedFile(parseToml(text), noLines, file);
  } catch (thrown) {
    const at = thrown as { readonly line?: unknown; readonly column?: unknown };
    const line = typeof at.line === "number" ? { line: at.line } : {};
    const column = typeof at.column === "number" ? { column: at.column } : {};
    const problem = {
      path: "",
      message: safeMessage(thrown),
      source: { kind: "file", file, ...line },
      ...column,
    } as const;
    return { tree: {}, lines: noLines, problems: [problem] };
  }
};

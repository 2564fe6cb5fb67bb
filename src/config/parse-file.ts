import { parse as parseToml } from "smol-toml";
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from "yaml";
import { formatPath, type Path } from "./path.ts";
import type { ConfigurationProblem, Finding } from "./problem.ts";
import { copyTree, isTree, type Tree } from "./tree.ts";

/** What one file says: its tree, and the line of each key where the format tells. */
export interface ParsedFile {
  readonly tree: Tree;
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly ConfigurationProblem[];
}

const mostAliases = 50;
const mostSyntaxProblems = 5;
const noLines: ReadonlyMap<string, number> = new Map();

/** Below its first line a parser's message quotes the file, secrets included. */
const safeMessage = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return (text.split("\n")[0] ?? "").slice(0, 160);
};

const lineOfKeys = (root: unknown, counter: LineCounter): ReadonlyMap<string, number> => {
  const lines = new Map<string, number>();
  const note = (path: Path, node: Node) => {
    if (node.range) lines.set(formatPath(path), counter.linePos(node.range[0]).line);
  };
  const visit = (node: unknown, path: Path) => {
    if (isMap(node))
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue;
        const below = [...path, String(key.value)];
        note(below, key);
        visit(value, below);
      }
    if (isSeq(node))
      for (const [index, item] of node.items.entries()) {
        if (isNode(item)) note([...path, index], item);
        visit(item, [...path, index]);
      }
  };
  visit(root, []);
  return lines;
};

const describeYamlError = (error: YAMLError, text: string): string => {
  if (error.code === "DUPLICATE_KEY") {
    const key = /^["']?([^\s"':,{}[\]]+)/.exec(text.slice(error.pos[0], error.pos[0] + 100))?.[1];
    return key === undefined ? "a key is given twice" : `the key '${key}' is given twice`;
  }
  if (error.code === "TAG_RESOLVE_FAILED") return "tags (!…) are not allowed";
  if (error.code === "MULTIPLE_DOCS") return "holds more than one document (---); keep one";
  return safeMessage(error);
};

const readYaml = (text: string, file: string): ParsedFile => {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    lineCounter: counter,
  });
  const faults = [...document.errors, ...document.warnings].slice(0, mostSyntaxProblems);
  const problems = faults.map((fault) => {
    const { line, col } = counter.linePos(fault.pos[0]);
    return {
      path: "",
      message: describeYamlError(fault, text),
      source: { kind: "file", file, line } as const,
      column: col,
    };
  });
  if (problems.length > 0) return { tree: {}, lines: noLines, problems };
  return toParsedFile(document.toJS({ maxAliasCount: mostAliases }), lineOfKeys(document.contents, counter), file);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON is read as YAML, of which it is a subset, for the sake of lines, columns and duplicate keys. */
const readJson = (text: string, file: string): ParsedFile => {
  const parsed = readYaml(text, file);
  if (parsed.problems.length > 0 || text.trim() === "" || isJson(text)) return parsed;
  const message = "is not JSON, although it reads as YAML; correct it or name it .yaml";
  return { ...parsed, problems: [{ path: "", message, source: { kind: "file", file } }] };
};

const readToml = (text: string, file: string): ParsedFile => {
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

const toParsedFile = (value: unknown, lines: ReadonlyMap<string, number>, file: string): ParsedFile => {
  const findings: Finding[] = [];
  const tree = copyTree(value ?? {}, findings);
  if (!isTree(tree) && findings.length === 0)
    findings.push({ path: [], message: "must hold keys and values at the top, not a list or a single value" });
  const problems = findings.map(({ path, message }) => {
    const line = lines.get(formatPath(path));
    return {
      path: formatPath(path),
      message,
      source: { kind: "file", file, ...(line === undefined ? {} : { line }) } as const,
    };
  });
  return { tree: isTree(tree) ? tree : {}, lines, problems };
};

const readers = { yaml: readYaml, yml: readYaml, json: readJson, toml: readToml };

/** File endings that are understood, in the order in which they are looked for. */
export const formats = ["toml", "yaml", "yml", "json"] as const;

/** Reads a file by its ending. Never throws: what is wrong stands in `problems`. */
export const parseFile = (bytes: Uint8Array, file: string): ParsedFile => {
  const fault = (message: string): ParsedFile => ({
    tree: {},
    lines: noLines,
    problems: [{ path: "", message, source: { kind: "file", file } }],
  });
  const format = formats.find((ending) => file.toLowerCase().endsWith(`.${ending}`));
  if (format === undefined) return fault(`has no known ending; use one of .${formats.join(", .")}`);
  try {
    // The decoder drops a byte order mark by itself.
    return readers[format](new TextDecoder("utf-8", { fatal: true }).decode(bytes), file);
  } catch (thrown) {
    if (thrown instanceof TypeError) return fault("is not UTF-8 text; save it as UTF-8");
    if (thrown instanceof RangeError) return fault("is nested too deeply");
    return fault(safeMessage(thrown));
  }
};

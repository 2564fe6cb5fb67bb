import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from "yaml";
import { noLines, type ParsedFile, safeMessage, toParsedFile } from "./parsed-file.ts";
import { formatPath, type Path } from "./path.ts";

const mostAliases = 50;
const mostSyntaxProblems = 5;

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

/** Reads YAML 1.2. */
export const readYaml = (text: string, file: string): ParsedFile => {
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
export const readJson = (text: string, file: string): ParsedFile => {
  const parsed = readYaml(text, file);
  if (parsed.problems.length > 0 || text.trim() === "" || isJson(text)) return parsed;
  const message = "is not JSON, although it reads as YAML; correct it or name it .yaml";
  return { ...parsed, problems: [{ path: "", message, source: { kind: "file", file } }] };
};

import { formatPath } from "./path.ts";
import type { ConfigurationProblem, Finding } from "./problem.ts";
import { copyTree, isTree, type Tree } from "./tree.ts";

/** What one file says: its tree, and the line of each key where the format tells. */
export interface ParsedFile {
  readonly tree: Tree;
  readonly lines: ReadonlyMap<string, number>;
  readonly problems: readonly ConfigurationProblem[];
}

export const noLines: ReadonlyMap<string, number> = new Map();

/** What a parser says. Below its first line a parser's message quotes the file, secrets included. */
export const safeMessage = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return (text.split("\n")[0] ?? "").slice(0, 160);
};

/** What was read, checked and copied; `lines` tells where each key stands. */
export const toParsedFile = (value: unknown, lines: ReadonlyMap<string, number>, file: string): ParsedFile => {
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

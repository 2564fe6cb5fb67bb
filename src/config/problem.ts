import { formatPath, type Path } from "./path.ts";

/** Where an effective value came from. */
export type Source =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "file"; readonly file: string; readonly line?: number }
  | { readonly kind: "default" };

/** One thing that is wrong with a configuration. Messages never repeat a secret. */
export interface ConfigurationProblem {
  /** The key at fault (`routes.fast.targets[0]`); empty where the whole file is. */
  readonly path: string;
  readonly message: string;
  /** The name or value that was probably meant. */
  readonly suggestion?: string;
  readonly source?: Source;
  /** Counted from 1, where the source is a file and the place in it is known. */
  readonly column?: number;
}

/** A source as people read it: `flag --port`, `environment LOG_LEVEL`, `config.yaml:12`, `default`. */
export const formatSource = (source: Source): string => {
  if (source.kind === "default") return "default";
  if (source.kind === "file") return source.line === undefined ? source.file : `${source.file}:${source.line}`;
  return `${source.kind} ${source.name}`;
};

const originOf = (source: Source | undefined): string => {
  if (source === undefined || source.kind === "default") return "configuration";
  return source.kind === "file" ? source.file : source.name;
};

/** One line for people: `config.yaml: routes.fast.stratgy: unknown key; did you mean 'strategy'? (line 9)`. */
export const formatProblem = (problem: ConfigurationProblem): string => {
  const place = problem.path === "" ? "" : `${problem.path}: `;
  const suggestion = problem.suggestion === undefined ? "" : `; did you mean '${problem.suggestion}'?`;
  const line = problem.source?.kind === "file" ? problem.source.line : undefined;
  const column = problem.column === undefined ? "" : `, column ${problem.column}`;
  const position = line === undefined ? "" : ` (line ${line}${column})`;
  return `${originOf(problem.source)}: ${place}${problem.message}${suggestion}${position}`;
};

/** All that is wrong with a configuration, at once. The message has one line per problem. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(problems.map(formatProblem).join("\n"));
  }
}

/** A problem at a path, before it is known which file, variable or flag the path came from. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string;
  readonly source?: Source;
}

export const findingToProblem = (finding: Finding, source: Source | undefined): ConfigurationProblem => ({
  path: formatPath(finding.path),
  message: finding.message,
  ...(finding.suggestion === undefined ? {} : { suggestion: finding.suggestion }),
  ...(source === undefined ? {} : { source }),
});

import { readFile as readFileFromDisk, stat } from "node:fs/promises";
import type { z } from "zod";
import type { Assignment } from "./assignment.ts";
import { conform, type WantedSecret } from "./conform.ts";
import { describeIssue, issueToFindings } from "./describe-issue.ts";
import { type Environment, readEnvironment, readFlags } from "./environment.ts";
import { locateConfiguration } from "./locate.ts";
import { parseFile } from "./parse-file.ts";
import type { ParsedFile } from "./parsed-file.ts";
import { formatPath, type Path } from "./path.ts";
import { ConfigurationError, type Finding, findingToProblem } from "./problem.ts";
import { type ReadFile, resolveSecrets } from "./resolve-secrets.ts";
import { Sources } from "./sources.ts";
import { overlay, valueAt } from "./tree.ts";

const largestFile = 4 * 1024 * 1024;

export interface LoadOptions<Schema extends z.ZodType> {
  /** All folders' keys joined into one object. The loader knows of no key itself. */
  readonly schema: Schema;
  /** The value of `--config`. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  /** What the command line sets: the flag as typed (`--port`), the path it stands for, and its value. */
  readonly flags?: readonly { readonly flag: string; readonly path: Path; readonly value: unknown }[];
  /** Variables with names of their own and the path that each sets: `{ LOG_LEVEL: ["logging", "level"] }`. */
  readonly customaryVariables?: Readonly<Record<string, Path>>;
  readonly workingDirectory?: string;
  readonly readFile?: ReadFile;
  readonly isFile?: (path: string) => Promise<boolean>;
}

export interface LoadedConfiguration<Value> {
  readonly value: Value;
  /** The file that was read; undefined where there was none. */
  readonly file: string | undefined;
  /** Every file that the value depends on: the configuration's own, and those of secrets. */
  readonly files: readonly string[];
  readonly sources: Sources;
  /** The secrets that were references. */
  readonly secrets: readonly WantedSecret[];
}

const isFileOnDisk = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

const unreadable = (file: string, thrown: unknown): ConfigurationError => {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  const reason = code === "ENOENT" ? "does not exist" : `could not be read (${String(code ?? thrown)})`;
  return new ConfigurationError([{ path: "", message: reason, source: { kind: "file", file } }]);
};

const readConfigurationFile = async (file: string, readFile: ReadFile): Promise<ParsedFile> => {
  const bytes = await readFile(file).catch((thrown: unknown) => {
    throw unreadable(file, thrown);
  });
  const message = `is larger than ${largestFile} bytes`;
  if (bytes.length > largestFile) throw new ConfigurationError([{ path: "", message, source: { kind: "file", file } }]);
  const parsed = await parseFile(bytes, file);
  // A file that cannot be read through says nothing reliable of what else is wrong.
  if (parsed.problems.length > 0) throw new ConfigurationError(parsed.problems);
  return parsed;
};

const layer = (tree: unknown, assignments: readonly Assignment[], sources: Sources): unknown =>
  assignments.reduce((merged, { path, value, source }) => {
    sources.set(path, value, source);
    return overlay(merged, path, value);
  }, tree);

/** Whether a finding complains that something is missing which was given under a misspelt name. */
const isMisspelt = (finding: Finding, intended: readonly Path[], tree: unknown): boolean =>
  valueAt(tree, finding.path) === undefined && intended.some((path) => formatPath(path) === formatPath(finding.path));

/**
 * Loads the configuration: flags over environment over file over defaults, secrets resolved, judged by the schema.
 * Throws {@link ConfigurationError} with everything that is wrong.
 */
export const loadConfiguration = async <Schema extends z.ZodType>(
  options: LoadOptions<Schema>,
): Promise<LoadedConfiguration<z.output<Schema>>> => {
  const { schema, environment, readFile = readFileFromDisk, isFile = isFileOnDisk } = options;
  const workingDirectory = options.workingDirectory ?? ".";
  const file = await locateConfiguration({ file: options.file, environment, workingDirectory, isFile });
  const parsed = file === undefined ? undefined : await readConfigurationFile(file, readFile);

  const findings: Finding[] = [];
  const sources = new Sources(file, parsed?.lines);
  sources.setFile(parsed?.tree ?? {});
  const customaryVariables = options.customaryVariables ?? {};
  const below = parsed?.tree ?? {};
  const fromEnvironment = readEnvironment({ environment, schema, below, customaryVariables }, findings);
  const fromFlags = readFlags(options.flags ?? [], schema, findings);
  const merged = layer(below, [...fromEnvironment, ...fromFlags], sources);

  const conformed = conform(merged, schema);
  const sourceOf = (path: Path) => sources.of(path);
  const resolved = await resolveSecrets(conformed.tree, {
    secrets: conformed.secrets,
    environment,
    readFile,
    sourceOf,
  });
  const result = schema.safeParse(resolved.tree, { error: describeIssue });
  const issues = result.success ? [] : result.error.issues.flatMap((issue) => issueToFindings(issue, resolved.tree));
  findings.push(...conformed.findings, ...resolved.findings);
  findings.push(...issues.filter((finding) => !isMisspelt(finding, conformed.intended, resolved.tree)));
  if (findings.length > 0 || !result.success)
    throw new ConfigurationError(
      findings.map((found) => findingToProblem(found, found.source ?? sources.near(found.path))),
    );
  return {
    value: result.data,
    file,
    files: [...(file === undefined ? [] : [file]), ...resolved.files],
    sources,
    secrets: conformed.secrets,
  };
};

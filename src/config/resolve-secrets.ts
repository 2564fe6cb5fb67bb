import { dirname, resolve } from "node:path";
import type { WantedSecret } from "./conform.ts";
import type { Environment } from "./environment.ts";
import type { Finding, Source } from "./problem.ts";
import { overlay } from "./tree.ts";

const largestSecret = 64 * 1024;

/** Reads a file whole; throws where that fails. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

export interface SecretOptions {
  readonly secrets: readonly WantedSecret[];
  readonly environment: Environment;
  readonly readFile: ReadFile;
  readonly sourceOf: (path: WantedSecret["path"]) => Source;
}

/** Stands in for a secret that could not be fetched, so that the schema does not complain a second time. */
const placeholder = "unresolved";

const reasonOf = (thrown: unknown): string => {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  if (code === "EISDIR") return "is a directory";
  return typeof code === "string" ? `could not be read (${code})` : "could not be read";
};

/** A secret's file stands beside the configuration file that names it; else the working directory counts. */
const secretFile = (name: string, source: Source): string =>
  source.kind === "file" ? resolve(dirname(source.file), name) : resolve(name);

const fromFile = async (file: string, readFile: ReadFile): Promise<{ value: string } | { fault: string }> => {
  try {
    const bytes = await readFile(file);
    if (bytes.length > largestSecret)
      return { fault: `the secret's file '${file}' is larger than ${largestSecret} bytes` };
    const value = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/[\r\n]+$/, "");
    return value === "" ? { fault: `the secret's file '${file}' is empty` } : { value };
  } catch (thrown) {
    if (thrown instanceof TypeError) return { fault: `the secret's file '${file}' is not UTF-8 text` };
    return { fault: `the secret's file '${file}' ${reasonOf(thrown)}` };
  }
};

const fromEnvironment = (name: string, environment: Environment): { value: string } | { fault: string } => {
  const value = environment[name];
  if (name === "") return { fault: "'env:' names no variable; write env:NAME" };
  if (value === undefined) return { fault: `the environment variable ${name} is not set; set it or remove this entry` };
  return value.trim() === "" ? { fault: `the environment variable ${name} is empty` } : { value: value.trim() };
};

/** Puts the secrets that `env:` and `file:` refer to into the tree. `files` are those that were read. */
export const resolveSecrets = async (
  tree: unknown,
  options: SecretOptions,
): Promise<{ tree: unknown; findings: readonly Finding[]; files: readonly string[] }> => {
  const findings: Finding[] = [];
  const files: string[] = [];
  let resolved = tree;
  for (const { path, reference } of options.secrets) {
    const file = reference.kind === "file" ? secretFile(reference.name, options.sourceOf(path)) : undefined;
    if (file !== undefined) files.push(file);
    const result =
      file === undefined
        ? fromEnvironment(reference.name, options.environment)
        : await fromFile(file, options.readFile);
    if ("fault" in result) findings.push({ path, message: result.fault });
    resolved = overlay(resolved, path, "value" in result ? result.value : placeholder);
  }
  return { tree: resolved, findings, files };
};

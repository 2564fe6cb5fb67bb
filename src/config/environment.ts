import type { z } from "zod";
import { type Assignment, readValue } from "./assignment.ts";
import type { Path } from "./path.ts";
import type { Finding, Source } from "./problem.ts";
import { type Alternatives, alternativesOf, childrenOf, keysOf } from "./schema-view.ts";
import { isTree, valueAt } from "./tree.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = "INTELLIROUTER_";

/** Variables of the program that are not configuration. */
export const reservedVariables: ReadonlySet<string> = new Set(
  ["DATA", "ADMIN_KEY", "ROLE", "URL", "API_KEY", "CONFIG", "PEPPER", "MASTER_KEY", "MASTER_KEY_PREVIOUS"].map(
    (name) => `${prefix}${name}`,
  ),
);

// Kubernetes gives every pod variables of this form for each service; a service may well be named "intellirouter".
const serviceLink = /^INTELLIROUTER_(.+_)?(SERVICE_(HOST|PORT(_.+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const servicePort = /^INTELLIROUTER_(.+_)?PORT$/;

const isServiceLink = (name: string, value: string): boolean =>
  !name.includes("__") && (serviceLink.test(name) || (servicePort.test(name) && /^(tcp|udp|sctp):\/\//.test(value)));

const normalised = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

export interface EnvironmentOptions {
  readonly environment: Environment;
  readonly schema: z.core.$ZodType;
  /** The layers below: names that users chose (routes, providers) are matched with those that are there. */
  readonly below: unknown;
  /** Variables with names of their own and the path that each sets (`LOG_LEVEL` → logging.level). */
  readonly customaryVariables: Readonly<Record<string, Path>>;
}

/** Finds the key that one segment of a variable's name means: a key of the schema, a name that is there, or a new one. */
const keyFor = (segment: string, alternatives: Alternatives, present: unknown): string => {
  const candidates = [...(keysOf(alternatives) ?? []), ...(isTree(present) ? Object.keys(present) : [])];
  return candidates.find((key) => normalised(key) === normalised(segment)) ?? segment.toLowerCase();
};

const resolvePath = (
  name: string,
  { schema, below }: EnvironmentOptions,
): { path: Path; alternatives: Alternatives } => {
  let alternatives = alternativesOf(schema, below);
  let path: Path = [];
  for (const segment of name.slice(prefix.length).split("__")) {
    const key = keyFor(segment, alternatives, valueAt(below, path));
    path = [...path, key];
    alternatives = childrenOf(alternatives, key, valueAt(below, path));
  }
  return { path, alternatives };
};

const malformedName = (name: string): string | undefined => {
  const segments = name.slice(prefix.length).split("__");
  if (segments.some((segment) => segment === "" || segment.startsWith("_") || segment === "CONSTRUCTOR"))
    return "is not a path of keys; separate keys with two underscores";
  return undefined;
};

const atPath = (schema: z.core.$ZodType, path: Path, below: unknown): Alternatives =>
  path.reduce<Alternatives>(
    (alternatives, step, index) => childrenOf(alternatives, step, valueAt(below, path.slice(0, index + 1))),
    alternativesOf(schema, below),
  );

/**
 * What the environment sets, weakest first: customary variables, then `INTELLIROUTER_<KEY>__<KEY>`. An empty variable
 * counts as unset, since that is what compose files make of one that is missing.
 */
export const readEnvironment = (options: EnvironmentOptions, findings: Finding[]): readonly Assignment[] => {
  const assignments: Assignment[] = [];
  const assign = (path: Path, text: string, alternatives: Alternatives, source: Source) => {
    const faults: Finding[] = [];
    assignments.push({ path, value: readValue(text, alternatives, faults), source });
    findings.push(...faults.map((fault) => ({ ...fault, path: [...path, ...fault.path], source })));
  };
  for (const [name, path] of Object.entries(options.customaryVariables)) {
    const text = options.environment[name];
    if (text !== undefined && text.trim() !== "")
      assign(path, text, atPath(options.schema, path, options.below), { kind: "environment", name });
  }
  for (const name of Object.keys(options.environment).sort()) {
    const text = options.environment[name];
    const upper = name.toUpperCase();
    if (text === undefined || text.trim() === "" || !upper.startsWith(prefix)) continue;
    if (reservedVariables.has(upper) || isServiceLink(upper, text) || upper in options.customaryVariables) continue;
    const source: Source = { kind: "environment", name };
    const fault = malformedName(upper);
    if (fault !== undefined) {
      findings.push({ path: [], message: fault, source });
      continue;
    }
    const { path, alternatives } = resolvePath(upper, options);
    assign(path, text, alternatives, source);
  }
  return assignments;
};

/** What the command line's flags set; text is read like a variable's. */
export const readFlags = (
  flags: readonly { readonly flag: string; readonly path: Path; readonly value: unknown }[],
  schema: z.core.$ZodType,
  findings: Finding[],
): readonly Assignment[] =>
  flags.flatMap(({ flag, path, value }) =>
    value === undefined
      ? []
      : [
          {
            path,
            value: readValue(value, atPath(schema, path, undefined), findings),
            source: { kind: "flag", name: flag },
          },
        ],
  );

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { LocalOptions } from "../cli/roles.ts";
import { type LoadedConfiguration, type LoadOptions, loadConfiguration } from "../config/load.ts";
import { ConfigurationError } from "../config/problem.ts";
import { nearest } from "../core/nearest.ts";
import { parseSecretReference } from "../core/secret.ts";
import { providerModules } from "../providers/index.ts";
import { loggingVariables } from "../telemetry/settings.ts";
import { besideProblems } from "./check-beside.ts";
import { experimentProblems } from "./check-experiments.ts";
import { type Configuration, configurationSchema } from "./configuration.ts";

export type Loaded = LoadedConfiguration<Configuration>;

/** Providers that a route may name without their standing in the file: they may be found, or added later. */
const findable: ReadonlySet<string> = new Set(providerModules.map(({ kind }) => kind));

/** A route's target must lead somewhere: a mistyped provider would otherwise be noticed by the first failing call. */
const checkTargets = ({ value, sources }: Loaded, stored: ReadonlySet<string>): void => {
  const known = [...Object.keys(value.providers), ...stored, ...findable];
  const problems = Object.entries(value.routes).flatMap(([route, { targets }]) =>
    targets.flatMap((entry, index) => {
      const target = typeof entry === "string" ? entry : entry.target;
      const provider = target.slice(0, target.indexOf("/"));
      if (known.includes(provider)) return [];
      const [suggestion] = nearest(provider, known, 1);
      const path = ["routes", route, "targets", index];
      const source = sources.of(path);
      return [
        {
          path: `routes.${route}.targets[${index}]`,
          message: `there is no provider '${provider}'`,
          ...(suggestion === undefined ? {} : { suggestion }),
          ...(source === undefined ? {} : { source }),
        },
      ];
    }),
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
};

/** A limit on a route that is not there would never bite, and nobody would notice. */
const checkLimits = ({ value, sources }: Loaded): void => {
  const routes = Object.keys(value.routes);
  const problems = value.limits.flatMap(({ scope, match }, index) => {
    if (scope !== "route" || match === undefined) return [];
    const source = sources.of(["limits", index, "match"]) ?? sources.of(["limits"]);
    return [match].flat().flatMap((route) => {
      if (routes.includes(route)) return [];
      const [suggestion] = nearest(route, routes, 1);
      return [
        {
          path: `limits[${index}].match`,
          message: `there is no route '${route}'`,
          ...(suggestion === undefined ? {} : { suggestion }),
          ...(source === undefined ? {} : { source }),
        },
      ];
    });
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
};

/** A budget that speaks of a route that is not there would never bite, or fail the call that it should carry. */
const checkBudgets = ({ value, sources }: Loaded): void => {
  const routes = Object.keys(value.routes);
  const problems = value.budgets.flatMap(({ scope, match, whenSpent }, index) => {
    const named = scope === "route" && match !== undefined ? [match].flat() : [];
    const degraded = whenSpent === "stop" ? [] : [whenSpent.degradeTo];
    return [
      ...named.map((route) => ({ route, field: ["match"] })),
      ...degraded.map((route) => ({ route, field: ["whenSpent", "degradeTo"] })),
    ].flatMap(({ route, field }) => {
      if (routes.includes(route)) return [];
      const [suggestion] = nearest(route, routes, 1);
      const source = sources.of(["budgets", index, ...field]) ?? sources.of(["budgets"]);
      return [
        {
          path: `budgets[${index}].${field.join(".")}`,
          message: `there is no route '${route}'`,
          ...(suggestion === undefined ? {} : { suggestion }),
          ...(source === undefined ? {} : { source }),
        },
      ];
    });
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
};

const checkExperiments = (loaded: Loaded, stored: ReadonlySet<string>): void => {
  const providers = [...Object.keys(loaded.value.providers), ...stored, ...findable];
  const problems = [...experimentProblems(loaded, providers), ...besideProblems(loaded, providers)];
  if (problems.length > 0) throw new ConfigurationError(problems);
};

/** Where the configuration's files are read; the disk's own where absent. */
export type ConfigurationDisk = Pick<LoadOptions<typeof configurationSchema>, "readFile" | "isFile">;

/** Loads the configuration and judges what no single room can. Throws ConfigurationError. */
export const load = async (
  options: LocalOptions,
  stored: ReadonlySet<string>,
  disk?: ConfigurationDisk,
): Promise<Loaded> => {
  const loaded = await loadConfiguration({
    ...disk,
    schema: configurationSchema,
    file: options.config,
    environment: options.environment,
    flags: options.flags,
    customaryVariables: loggingVariables,
    workingDirectory: options.workingDirectory,
  });
  checkTargets(loaded, stored);
  checkLimits(loaded);
  checkBudgets(loaded);
  checkExperiments(loaded, stored);
  return loaded;
};

/** Replaces `env:NAME` and `file:PATH` by what they stand for. Throws where there is nothing. */
export const secretResolver =
  ({ environment, workingDirectory }: Pick<LocalOptions, "environment" | "workingDirectory">) =>
  async (text: string): Promise<string> => {
    const reference = parseSecretReference(text);
    if (reference === undefined) return text;
    if (reference.kind === "file") return (await readFile(resolve(workingDirectory, reference.name), "utf8")).trim();
    const value = environment[reference.name];
    if (value) return value;
    throw new Error(`the environment variable ${reference.name} is not set`);
  };

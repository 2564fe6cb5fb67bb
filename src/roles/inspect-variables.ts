import { readAdminKey } from "../auth/admin-key.ts";
import { loadPepper } from "../auth/pepper.ts";
import type { CliRoles, SecretVariable } from "../cli/roles.ts";
import { weaknessOf } from "../core/weak-secret.ts";
import { readEnvironmentKeys } from "../secrets/environment-keys.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Each with what reads it at the start, which throws where it is refused. */
const readers: Readonly<Record<string, (environment: Environment) => unknown>> = {
  INTELLIROUTER_ADMIN_KEY: readAdminKey,
  // What the variable gives is taken without a look at the folder.
  INTELLIROUTER_PEPPER: (environment) => loadPepper({ directory: "", environment }),
  INTELLIROUTER_MASTER_KEY: readEnvironmentKeys,
  INTELLIROUTER_MASTER_KEY_PREVIOUS: readEnvironmentKeys,
};

/** Judges the variables that hold secrets of the gateway's own. What is told of them repeats none. */
export const inspectVariables: CliRoles["inspectVariables"] = async ({ environment }) => {
  const found: SecretVariable[] = [];
  for (const [name, read] of Object.entries(readers)) {
    const value = environment[name];
    if (value === undefined) continue;
    try {
      await read({ [name]: value, ...(value.startsWith("env:") ? environment : {}) });
      const weakness = /^(?:env|file):/.test(value) ? undefined : weaknessOf(value);
      found.push({ name, refusal: null, weakness: weakness ?? null });
    } catch (error) {
      found.push({ name, refusal: error instanceof Error ? error.message : String(error), weakness: null });
    }
  }
  return found;
};

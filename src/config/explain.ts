import { Secret } from "../core/secret.ts";
import type { LoadedConfiguration } from "./load.ts";
import { formatPath } from "./path.ts";
import { formatSource } from "./problem.ts";
import { leavesOf } from "./tree.ts";

/** One effective value. */
export interface ConfigurationEntry {
  /** `routes.fast.targets[0]` */
  readonly path: string;
  /** Never a secret: those show as `[secret]`, credentials in URLs likewise. */
  readonly value: unknown;
  /** `flag --port`, `environment INTELLIROUTER_SERVER__PORT`, `config.yaml:12` or `default`. */
  readonly source: string;
  /** Where a secret is fetched from (`env:OPENAI_API_KEY`). */
  readonly reference?: string;
}

const masked = (value: unknown): unknown => {
  if (value instanceof Secret) return value.toJSON();
  return typeof value === "string" ? value.replace(/:\/\/[^/@\s]*@/g, "://[secret]@") : value;
};

/** Every effective value of a configuration and where it came from, in the order of the schema's keys. */
export const explainConfiguration = (
  loaded: Pick<LoadedConfiguration<unknown>, "value" | "sources" | "secrets">,
): readonly ConfigurationEntry[] => {
  const references = new Map(
    loaded.secrets.map(({ path, reference }) => [formatPath(path), `${reference.kind}:${reference.name}`]),
  );
  return leavesOf(loaded.value)
    .filter(({ path, value }) => path.length > 0 && value !== undefined)
    .map(({ path, value }) => {
      const name = formatPath(path);
      const reference = references.get(name);
      return {
        path: name,
        value: masked(value),
        source: formatSource(loaded.sources.of(path)),
        ...(reference === undefined ? {} : { reference }),
      };
    });
};

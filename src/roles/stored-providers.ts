import type { ModelFacts } from "../core/model.ts";
import type { RegistryStore } from "../core/ports/registry-store.ts";
import { providerModules } from "../providers/index.ts";
import type { Registry } from "../registry/registry.ts";
import { type Configuration, configurationSchema } from "./configuration.ts";
import { declareProvider } from "./declared-providers.ts";

type ProviderConfiguration = Configuration["providers"][string];

export interface StoredProvidersParts {
  readonly store: RegistryStore;
  readonly registry: Registry;
  /** Replaces `env:NAME` and `file:PATH`. Throws where there is none. */
  readonly resolveSecret: (reference: string) => Promise<string>;
  /** Told of an object that cannot be used, by name. */
  readonly onUnusable: (name: string, reason: string) => void;
}

const secretFields = ["apiKey", "apiKeys"] as const;

/** A stored entry, judged as one of the file would be, its kind's own options included. Throws where it is not valid. */
export const readStoredProvider = async (
  name: string,
  settings: Readonly<Record<string, unknown>>,
  resolveSecret: (reference: string) => Promise<string>,
): Promise<ProviderConfiguration> => {
  const resolved: Record<string, unknown> = { ...settings };
  for (const field of secretFields) {
    const value = resolved[field];
    if (typeof value === "string") resolved[field] = await resolveSecret(value);
    if (Array.isArray(value)) resolved[field] = await Promise.all(value.map((one) => resolveSecret(String(one))));
  }
  const entry = configurationSchema.shape.providers.unwrap().valueType.parse(resolved);
  // Made and thrown away: what cannot be made would otherwise fail for everybody, at the next call.
  const module = providerModules.find(({ kind }) => kind === entry.kind);
  module?.create(declareProvider(name, entry, "database").settings);
  return entry;
};

/** Brings the registry to what the database says of providers and models. */
export const loadStored = async (parts: StoredProvidersParts): Promise<void> => {
  const { store, registry, resolveSecret, onUnusable } = parts;
  const [providers, models, overrides] = await Promise.all([
    store.load("provider"),
    store.load("model"),
    store.load("override"),
  ]);
  const declared = await Promise.all(
    providers
      .filter(({ value }) => value.enabled)
      .map(async ({ value: { name, settings, priority }, unreadable }) => {
        try {
          if (unreadable !== undefined) throw new Error(unreadable);
          const entry = await readStoredProvider(name, settings, resolveSecret);
          return [declareProvider(name, { ...entry, priority }, "database")];
        } catch (error) {
          onUnusable(name, error instanceof Error ? error.message : String(error));
          return [];
        }
      }),
  );
  registry.declare("database", declared.flat());
  const facts = new Map<string, Map<string, ModelFacts>>();
  const hidden = new Map<string, Set<string>>();
  for (const { value } of models) {
    const into = facts.get(value.provider) ?? new Map<string, ModelFacts>();
    facts.set(value.provider, into);
    if (value.enabled) into.set(value.model, { ...value.facts, source: "admin" });
    else hidden.set(value.provider, (hidden.get(value.provider) ?? new Set()).add(value.model));
  }
  registry.override({
    facts,
    hidden,
    everywhere: new Map(overrides.map(({ value }) => [value.model, { ...value.facts, source: "admin" as const }])),
  });
};

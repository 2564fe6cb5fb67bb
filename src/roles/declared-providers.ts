import type { ModelFacts } from "../core/model.ts";
import type { DeclaredProvider, ProviderSource } from "../registry/provider-entry.ts";
import type { Configuration } from "./configuration.ts";

type ProviderConfiguration = Configuration["providers"][string];

/** A provider's entry, from the file or the database, as the registry takes it. */
export const declareProvider = (
  name: string,
  entry: ProviderConfiguration,
  source: ProviderSource,
): DeclaredProvider => ({
  settings: {
    name,
    kind: entry.kind,
    ...(entry.baseUrl === undefined ? {} : { baseUrl: entry.baseUrl }),
    apiKeys: [...(entry.apiKey === undefined ? [] : [entry.apiKey]), ...(entry.apiKeys ?? [])].map((key) =>
      key.reveal(),
    ),
    headers: Object.fromEntries(Object.entries(entry.headers ?? {}).map(([name, value]) => [name, value.reveal()])),
    options: entry.options ?? {},
  },
  source,
  priority: entry.priority,
  models: new Map(
    Object.entries(entry.models ?? {}).map(([model, facts]) => [
      model,
      { ...facts, source: "configuration" } as ModelFacts,
    ]),
  ),
});

/** What the configuration declares, without what it turns off. */
export const configuredProviders = ({ providers }: Configuration): readonly DeclaredProvider[] =>
  Object.entries(providers)
    .filter(([, entry]) => entry.enabled)
    .map(([name, entry]) => declareProvider(name, entry, "configuration"));

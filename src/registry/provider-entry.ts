import { type ModelFacts, type Target, targetId } from "../core/model.ts";
import type { ListedModel, Provider, ProviderModule, ProviderSettings } from "../core/ports/provider.ts";

/** Where a provider was declared. An earlier source wins a name that stands in several. */
export type ProviderSource = "configuration" | "database" | "environment" | "discovery" | "built-in";

/** A provider as it was declared. */
export interface DeclaredProvider {
  readonly settings: ProviderSettings;
  readonly source: ProviderSource;
  /** Lower comes first where a bare model name is served by several. */
  readonly priority: number;
  /** Facts that override the catalogue's, and models that no list names. */
  readonly models: ReadonlyMap<string, ModelFacts>;
}

/** How the last look at a provider ended. */
export interface ProviderCheck {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly latencyMilliseconds: number;
  /** What went wrong; undefined where it answered. */
  readonly error?: string;
  /** What it said that it serves; undefined where it has no list. */
  readonly listed?: readonly ListedModel[];
}

export interface ProviderEntry extends DeclaredProvider {
  readonly name: string;
  readonly module: ProviderModule;
  readonly provider: Provider;
  readonly check: ProviderCheck | undefined;
  /** The models that it is known to serve, with their facts. */
  readonly served: ReadonlyMap<string, ModelFacts>;
  /** Models of it that administrators turned off. */
  readonly hidden: ReadonlySet<string>;
  /** Facts on any model of it, also on one that is not known to be served. */
  factsOf(model: string): ModelFacts;
}

const merge = (...facts: readonly (ModelFacts | undefined)[]): ModelFacts => Object.assign({}, ...facts);

export interface EntryParts {
  readonly declared: DeclaredProvider;
  readonly module: ProviderModule;
  readonly provider: Provider;
  readonly check: ProviderCheck | undefined;
  readonly catalogue: ReadonlyMap<string, ModelFacts>;
  /** What administrators set; it wins. */
  readonly overrides: ModelOverrides;
}

/** What administrators say of models: of one provider's, or of a model wherever it is served. */
export interface ModelOverrides {
  readonly facts: ReadonlyMap<string, ModelFacts>;
  readonly everywhere: ReadonlyMap<string, ModelFacts>;
  /** Models that must not be used. */
  readonly hidden: ReadonlySet<string>;
}

/** Joins what is known of a provider. A provider's own list says what is served; the catalogue does where it has none. */
export const createEntry = (parts: EntryParts): ProviderEntry => {
  const { declared, module, provider, check, catalogue, overrides } = parts;
  const listed = new Map(check?.listed?.map(({ id, facts }) => [id, facts]));
  const factsOf = (model: string): ModelFacts =>
    merge(
      catalogue.get(model),
      listed.get(model),
      declared.models.get(model),
      overrides.everywhere.get(model),
      overrides.facts.get(model),
    );
  const names = new Set([
    ...(check?.listed === undefined ? catalogue.keys() : listed.keys()),
    ...declared.models.keys(),
    ...overrides.facts.keys(),
  ]);
  for (const name of overrides.hidden) names.delete(name);
  return {
    ...declared,
    name: declared.settings.name,
    module,
    provider,
    check,
    hidden: overrides.hidden,
    served: new Map([...names].map((name) => [name, factsOf(name)])),
    factsOf,
  };
};

export const targetOf = (entry: ProviderEntry, model: string): Target => ({
  id: targetId(entry.name, model),
  provider: entry.name,
  kind: entry.module.kind,
  model,
  facts: entry.served.get(model) ?? entry.factsOf(model),
});

import type { ModelFacts, Target } from "../core/model.ts";
import type { CatalogueStore } from "../core/ports/catalogue.ts";
import type { Provider, ProviderModule } from "../core/ports/provider.ts";
import {
  createEntry,
  type DeclaredProvider,
  type ProviderCheck,
  type ProviderEntry,
  type ProviderSource,
  targetOf,
} from "./provider-entry.ts";

/** The providers of one instant, best priority first. Immutable. */
export interface RegistrySnapshot {
  readonly providers: ReadonlyMap<string, ProviderEntry>;
  /** The target for `provider/model`, or for a bare name the first provider by priority that serves it. */
  findTarget(name: string): Target | undefined;
}

/** What administrators say of models; the outer keys are providers' names. */
export interface RegistryOverrides {
  readonly facts: ReadonlyMap<string, ReadonlyMap<string, ModelFacts>>;
  readonly hidden: ReadonlyMap<string, ReadonlySet<string>>;
  /** By model, whoever serves it. */
  readonly everywhere: ReadonlyMap<string, ModelFacts>;
}

export interface RegistryOptions {
  readonly modules: readonly ProviderModule[];
  readonly catalogue: CatalogueStore;
}

const order: readonly ProviderSource[] = ["configuration", "database", "environment", "discovery", "built-in"];

const createSnapshot = (entries: readonly ProviderEntry[]): RegistrySnapshot => {
  const sorted = entries.toSorted(
    (a, b) => a.priority - b.priority || order.indexOf(a.source) - order.indexOf(b.source),
  );
  const providers = new Map(sorted.map((entry) => [entry.name, entry]));
  let bare: Map<string, ProviderEntry> | undefined;
  /** A provider that failed its last look serves a bare name only where no other does. */
  const bareNames = (): Map<string, ProviderEntry> => {
    const names = new Map<string, ProviderEntry>();
    const failed = (entry: ProviderEntry): boolean => entry.check?.error !== undefined;
    for (const entry of [...sorted.filter((one) => !failed(one)), ...sorted.filter(failed)])
      for (const name of entry.served.keys()) if (!names.has(name)) names.set(name, entry);
    return names;
  };
  return {
    providers,
    findTarget(name) {
      const slash = name.indexOf("/");
      const named = slash > 0 ? providers.get(name.slice(0, slash)) : undefined;
      if (named !== undefined && slash < name.length - 1) {
        const model = name.slice(slash + 1);
        return named.hidden.has(model) ? undefined : targetOf(named, model);
      }
      bare ??= bareNames();
      const entry = bare.get(name);
      return entry === undefined ? undefined : targetOf(entry, name);
    },
  };
};

/**
 * All providers and what is known of their models, from every source. A source is replaced as a whole; whoever
 * listens is told and asks for the next snapshot.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #modules: ReadonlyMap<string, ProviderModule>;
  readonly #declared = new Map<ProviderSource, readonly DeclaredProvider[]>();
  readonly #checks = new Map<string, ProviderCheck>();
  readonly #made = new Map<string, { readonly key: string; readonly provider: Provider }>();
  readonly #listeners = new Set<() => void>();
  #overrides: RegistryOverrides = { facts: new Map(), hidden: new Map(), everywhere: new Map() };
  #snapshot: RegistrySnapshot | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#modules = new Map(options.modules.map((module) => [module.kind, module]));
  }

  get modules(): ReadonlyMap<string, ProviderModule> {
    return this.#modules;
  }

  /** Replaces what one source declares. Kinds that do not exist must have been refused before. */
  declare(source: ProviderSource, providers: readonly DeclaredProvider[]): void {
    this.#declared.set(source, providers);
    this.#changed();
  }

  /** Replaces what administrators say of models. */
  override(overrides: RegistryOverrides): void {
    this.#overrides = overrides;
    this.#changed();
  }

  noteCheck(provider: string, check: ProviderCheck): void {
    const before = this.#checks.get(provider);
    // A list that was had once is better than none while the provider does not answer.
    const listed = check.listed ?? before?.listed;
    this.#checks.set(provider, listed === undefined ? check : { ...check, listed });
    this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  snapshot(): RegistrySnapshot {
    this.#snapshot ??= createSnapshot(this.#entries());
    return this.#snapshot;
  }

  #changed(): void {
    this.#snapshot = undefined;
    for (const listener of this.#listeners) listener();
  }

  #entries(): ProviderEntry[] {
    const entries: ProviderEntry[] = [];
    const seen = new Set<string>();
    for (const source of order)
      for (const declared of this.#declared.get(source) ?? []) {
        const { name } = declared.settings;
        const module = this.#modules.get(declared.settings.kind);
        if (module === undefined || seen.has(name)) continue;
        seen.add(name);
        entries.push(
          createEntry({
            declared,
            module,
            provider: this.#provider(declared, module),
            check: this.#checks.get(name),
            catalogue:
              module.catalogueId === undefined ? new Map() : this.#options.catalogue.models(module.catalogueId),
            overrides: {
              facts: this.#overrides.facts.get(name) ?? new Map(),
              hidden: this.#overrides.hidden.get(name) ?? new Set(),
              everywhere: this.#overrides.everywhere,
            },
          }),
        );
      }
    return entries;
  }

  /** One provider lives as long as its settings stay the same, so that a reload does not restart its key rotation. */
  #provider({ settings }: DeclaredProvider, module: ProviderModule): Provider {
    const key = JSON.stringify(settings);
    const made = this.#made.get(settings.name);
    if (made?.key === key) return made.provider;
    const provider = module.create(settings);
    this.#made.set(settings.name, { key, provider });
    return provider;
  }
}

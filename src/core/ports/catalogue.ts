import type { ModelFacts } from "../model.ts";

/** A whole catalogue, flat. */
export interface CatalogueImport {
  /** ISO date of its facts. */
  readonly asOf: string;
  readonly models: readonly { readonly provider: string; readonly model: string; readonly facts: ModelFacts }[];
}

/** Facts on models, by the catalogue's id of their provider. Throws `storage_unavailable`. */
export interface CatalogueStore {
  /** The catalogue's date; undefined where none was imported. */
  asOf(): string | undefined;
  /** Empty where the catalogue does not know the provider. */
  models(catalogueId: string): ReadonlyMap<string, ModelFacts>;
  /** Puts a catalogue in the place of the one before. `at`: milliseconds since 1970. */
  replace(catalogue: CatalogueImport, at: number): void;
}

import type { ModelFacts } from "../model.ts";

/** Facts on models, by the catalogue's id of their provider. */
export interface CatalogueStore {
  /** The catalogue's date; undefined where none was imported. */
  asOf(): string | undefined;
  /** Empty where the catalogue does not know the provider. */
  models(catalogueId: string): ReadonlyMap<string, ModelFacts>;
}

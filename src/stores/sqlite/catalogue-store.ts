import type { ModelFacts } from "../../core/model.ts";
import type { CatalogueImport, CatalogueStore } from "../../core/ports/catalogue.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";

/** The imported catalogue; facts are read when a provider is first asked for. */
export const createSqliteCatalogueStore = (database: SqlDatabase): CatalogueStore => {
  const readModels = database.prepare("SELECT model, facts_json FROM catalogue WHERE provider = ?");
  const readImport = database.prepare("SELECT as_of FROM catalogue_imports ORDER BY rowid DESC LIMIT 1");
  const known = new Map<string, ReadonlyMap<string, ModelFacts>>();
  return {
    asOf: () => readImport.get<{ as_of: string }>()?.as_of,
    models(provider) {
      const cached = known.get(provider);
      if (cached !== undefined) return cached;
      const rows = readModels.all<{ model: string; facts_json: string }>([provider]);
      const models = new Map(rows.map(({ model, facts_json: facts }) => [model, JSON.parse(facts) as ModelFacts]));
      known.set(provider, models);
      return models;
    },
    replace({ asOf, models }: CatalogueImport, at) {
      const insert = database.prepare("INSERT INTO catalogue (provider, model, facts_json) VALUES (?, ?, ?)");
      database.transaction(() => {
        database.exec("DELETE FROM catalogue");
        for (const { provider, model, facts } of models) insert.run([provider, model, JSON.stringify(facts)]);
        database.prepare("INSERT INTO catalogue_imports (as_of, imported_at) VALUES (?, ?)").run([asOf, at]);
      });
      known.clear();
    },
  };
};

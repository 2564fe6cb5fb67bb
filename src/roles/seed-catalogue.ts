import shipped from "../../data/catalogue/models-dev.json" with { type: "json" };
import { parseCatalogue } from "../registry/catalogue.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { SqliteStores } from "../stores/sqlite/index.ts";

/** Reads the catalogue that comes with the program into the database. Gives how much there was. */
export const seedCatalogue = async ({
  catalogue,
}: Pick<SqliteStores, "catalogue">): Promise<{ providers: number; models: number }> => {
  const parsed = parseCatalogue(shipped);
  catalogue.replace(parsed, systemClock.wall());
  return { providers: new Set(parsed.models.map(({ provider }) => provider)).size, models: parsed.models.length };
};

import { parseCatalogue } from "../registry/catalogue.ts";
import { readShippedCatalogue } from "../runtime/shipped-files.ts";
import { systemClock } from "../runtime/system-clock.ts";
import type { SqliteStores } from "../stores/sqlite/index.ts";

/** Reads the catalogue that comes with the program into the database. Gives how much there was. */
export const seedCatalogue = async ({
  catalogue,
}: Pick<SqliteStores, "catalogue">): Promise<{ providers: number; models: number }> => {
  const parsed = parseCatalogue(JSON.parse(readShippedCatalogue()));
  catalogue.replace(parsed, systemClock.wall());
  return { providers: new Set(parsed.models.map(({ provider }) => provider)).size, models: parsed.models.length };
};

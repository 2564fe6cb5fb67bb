import { createKeyService } from "../../src/auth/key-service.ts";
import { loadPepper } from "../../src/auth/pepper.ts";
import { openDataFolder } from "../../src/roles/data-folder.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { systemClock } from "../../src/runtime/system-clock.ts";
import { createSqliteStores } from "../../src/stores/sqlite/index.ts";

/**
 * Puts more keys than one would ask a gateway for into the database of a data folder, which is made where it is not
 * there, and gives them. An executable that is to know them must have been built from these sources.
 */
export const makeKeys = async (folder: string, count: number): Promise<readonly string[]> => {
  const { path, database: file } = openDataFolder(folder, {});
  const database = openSqlite({ path: file });
  try {
    const pepper = await loadPepper({ directory: path, environment: {} });
    // Within the one transaction below, those of the store are none of their own.
    const { keys: store } = createSqliteStores({ ...database, transaction: (work) => work() });
    const service = createKeyService({ store, pepper, clock: systemClock, onChanged: () => undefined });
    const keys: string[] = [];
    database.exec("BEGIN IMMEDIATE");
    for (let number = 1; number <= count; number++) keys.push((await service.make({ name: `bench ${number}` })).key);
    database.exec("COMMIT");
    return keys;
  } finally {
    database.close();
  }
};

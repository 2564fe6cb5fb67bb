import type { SqlDatabase } from "../../core/ports/sql.ts";

/** A part of the database whose changes others want to notice. */
export type VersionedArea = "keys" | "registry" | "directory" | "secrets";

export interface AreaVersion {
  /** Rises with each change, by this or another process. */
  current(): number;
  /** Counts a change; in the transaction that makes it. */
  raise(): void;
}

/** The change counter of an area. Asking costs about a microsecond while nobody else writes to the database. */
export const openVersion = (database: SqlDatabase, area: VersionedArea): AreaVersion => {
  const readCounter = database.prepare("SELECT version FROM versions WHERE area = ?");
  // Changes when another connection has committed anything, so that the counter need not be read each time.
  const readDataVersion = database.prepare("PRAGMA data_version");
  const raise = database.prepare(
    "INSERT INTO versions (area, version) VALUES (?, 1) ON CONFLICT (area) DO UPDATE SET version = version + 1",
  );
  let seen: { readonly data: number; readonly counter: number } | undefined;
  return {
    current: () => {
      const data = readDataVersion.get<{ data_version: number }>()?.data_version ?? 0;
      if (seen?.data !== data) seen = { data, counter: readCounter.get<{ version: number }>([area])?.version ?? 0 };
      return seen.counter;
    },
    raise: () => {
      seen = undefined;
      raise.run([area]);
    },
  };
};

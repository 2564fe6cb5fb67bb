import type { SqlDatabase } from "../../core/ports/sql.ts";

/** How many decisions are remembered, so that one that comes again is known. */
const mostKnown = 256;

export interface SharedDecisions {
  /** The id of the shared row; null for a decision that comes the first time, which stands in its call's row. */
  idOf(json: string): number | null;
  /** Forgets what was shared: after a rollback the rows may not be there. */
  forget(): void;
}

/** Finds decisions that repeat, as they do where nothing about the targets changes; inside the caller's transaction. */
export const openSharedDecisions = (database: SqlDatabase): SharedDecisions => {
  const insert = database.prepare("INSERT INTO decisions (json) VALUES (?)");
  const known = new Map<string, number | null>();
  return {
    idOf(json) {
      const id = known.get(json);
      if (id === undefined) {
        if (known.size >= mostKnown) known.clear();
        known.set(json, null);
        return null;
      }
      if (id !== null) return id;
      const added = Number(insert.run([json]).lastInsertRowid);
      known.set(json, added);
      return added;
    },
    forget: () => known.clear(),
  };
};

import type { DispatchedRecord } from "../../core/ledger.ts";
import type { FoldGroup, FoldStore, SegmentPosition } from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { openCallWriter } from "./call-writer.ts";
import { fromJson } from "./tables.ts";

/** Takes the journal into a migrated database. */
export const createSqliteFoldStore = (database: SqlDatabase): FoldStore => {
  const calls = openCallWriter(database);
  const readPosition = database.prepare("SELECT position AS offset, gaps FROM journal_segments WHERE segment = ?");
  const writePosition = database.prepare(
    `INSERT INTO journal_segments (segment, position, gaps) VALUES (?, ?, ?)
     ON CONFLICT (segment) DO UPDATE SET position = excluded.position, gaps = gaps + excluded.gaps`,
  );
  const openDispatch = database.prepare(
    "INSERT OR REPLACE INTO open_dispatches (call_id, attempt, owner, record_json) VALUES (?, ?, ?, ?)",
  );
  const closeDispatches = database.prepare("DELETE FROM open_dispatches WHERE call_id = ?");
  const forgetOwner = database.prepare("DELETE FROM open_dispatches WHERE owner = ?");
  const readOwners = database.prepare("SELECT DISTINCT owner FROM open_dispatches");
  const readOpen = database.prepare(
    "SELECT record_json FROM open_dispatches WHERE owner = ? ORDER BY call_id, attempt",
  );

  const position = (segment: string): SegmentPosition =>
    readPosition.get<SegmentPosition>([segment]) ?? { offset: 0, gaps: 0 };

  const enter = ({ owner, dispatched, settled }: FoldGroup): void => {
    for (const record of dispatched) openDispatch.run([record.call.id, record.attempt, owner, JSON.stringify(record)]);
    for (const call of settled) {
      calls.settle(call);
      closeDispatches.run([call.id]);
    }
  };

  return {
    position,
    // The position is compared under the write lock: of two that fold the same stretch, one does.
    apply: (group) =>
      database.transaction(() => {
        if (position(group.segment).offset !== group.from) return "moved";
        enter(group);
        writePosition.run([group.segment, group.to, group.gaps]);
        return "applied";
      }),
    openOwners: () => readOwners.all<{ owner: string }>().map(({ owner }) => owner),
    openDispatches: (owner) =>
      readOpen.all<{ record_json: string }>([owner]).map((row) => fromJson<DispatchedRecord>(row.record_json)),
    interrupt: (owner, interrupted) =>
      database.transaction(() => {
        for (const call of interrupted) calls.interrupt(call);
        forgetOwner.run([owner]);
      }),
    // A checkpoint syncs the write-ahead log first, which a commit by itself does only under `durability: power`.
    checkpoint: () => database.exec("PRAGMA wal_checkpoint(PASSIVE)"),
  };
};

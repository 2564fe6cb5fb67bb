import type { DispatchedRecord } from "../../core/ledger.ts";
import type {
  FoldedCall,
  FoldGroup,
  FoldOutcome,
  FoldStore,
  RefusedRecord,
  SegmentPosition,
} from "../../core/ports/ledger-store.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { openCallWriter } from "./call-writer.ts";
import { isRefusal, type Origin, openQuarantine } from "./quarantine.ts";
import { fromJson } from "./tables.ts";

/** Enters one record, or tells why it was refused. */
type Admit = <Kind>(record: Kind, enter: (record: Kind) => void) => RefusedRecord | undefined;

const admitOrThrow: Admit = (record, enter) => {
  enter(record);
  return undefined;
};

/** Takes the journal into a migrated database. */
export const createSqliteFoldStore = (database: SqlDatabase): FoldStore => {
  const calls = openCallWriter(database);
  const quarantine = openQuarantine(database);
  const readPosition = database.prepare("SELECT read_to AS offset, gaps FROM journal_segments WHERE segment = ?");
  const writePosition = database.prepare(
    `INSERT INTO journal_segments (segment, read_to, gaps) VALUES (?, ?, ?)
     ON CONFLICT (segment) DO UPDATE SET read_to = excluded.read_to, gaps = gaps + excluded.gaps`,
  );
  const readSegments = database.prepare("SELECT segment FROM journal_segments");
  const forgetSegment = database.prepare("DELETE FROM journal_segments WHERE segment = ?");
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

  const enter = (group: FoldGroup, admit: Admit): readonly RefusedRecord[] => {
    const { owner, begunBefore, answered, unknown = [] } = group;
    const refused: RefusedRecord[] = [];
    const open = (record: DispatchedRecord): void => {
      openDispatch.run([record.call.id, record.attempt, owner, JSON.stringify(record)]);
    };
    const settle = (call: FoldedCall): void => {
      calls.settle(call);
      if (begunBefore === undefined || begunBefore.has(call.id)) closeDispatches.run([call.id]);
    };
    const openAgain = ({ id }: FoldedCall): void => {
      for (const record of answered?.(id) ?? []) open(record);
    };
    for (const record of group.dispatched) {
      const refusal = admit(record, open);
      if (refusal !== undefined) refused.push(refusal);
    }
    for (const call of group.settled) {
      const refusal = admit(call, settle);
      if (refusal === undefined) continue;
      refused.push(refusal);
      openAgain(call);
    }
    for (const text of unknown) refused.push(quarantine.keep(group, text));
    return refused;
  };

  // The position is compared under the write lock: of two that fold the same stretch, one does.
  const apply = (group: FoldGroup, admit: Admit): FoldOutcome =>
    database.transaction(() => {
      if (position(group.segment).offset !== group.from) return { kind: "moved" };
      calls.begin();
      const refused = enter(group, admit);
      calls.end();
      writePosition.run([group.segment, group.to, group.gaps]);
      return { kind: "applied", refused };
    });

  const interrupt = (owner: string, interrupted: readonly FoldedCall[], admit: Admit): readonly RefusedRecord[] =>
    database.transaction(() => {
      calls.begin();
      const refused = interrupted.flatMap((call) => admit(call, calls.interrupt) ?? []);
      calls.end();
      forgetOwner.run([owner]);
      return refused;
    });

  const admitOne =
    (origin: Origin): Admit =>
    (record, work) => {
      const refusal = quarantine.admit(origin, record, work);
      if (refusal !== undefined) calls.forget();
      return refusal;
    };

  const orForget = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      calls.forget();
      throw error;
    }
  };

  // All at once first, since a savepoint for each record costs; one by one where something is refused.
  const whole = <Result>(origin: Origin, work: (admit: Admit) => Result): Result => {
    try {
      return orForget(() => work(admitOrThrow));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return orForget(() => work(admitOne(origin)));
    }
  };

  return {
    position,
    apply: (group) => whole(group, (admit) => apply(group, admit)),
    openOwners: () => readOwners.all<{ owner: string }>().map(({ owner }) => owner),
    openDispatches: (owner) =>
      readOpen.all<{ record_json: string }>([owner]).map((row) => fromJson<DispatchedRecord>(row.record_json)),
    interrupt: (owner, interrupted) => whole({ segment: "", owner }, (admit) => interrupt(owner, interrupted, admit)),
    segments: () => readSegments.all<{ segment: string }>().map(({ segment }) => segment),
    forget: (segments) =>
      database.transaction(() => {
        for (const segment of segments) forgetSegment.run([segment]);
      }),
    // A checkpoint syncs the write-ahead log first, which a commit by itself does only under `durability: power`.
    checkpoint: () => database.exec("PRAGMA wal_checkpoint(PASSIVE)"),
  };
};

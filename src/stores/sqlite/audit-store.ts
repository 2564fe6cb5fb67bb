import type {
  AuditEnd,
  AuditEntry,
  AuditFilter,
  AuditOutcome,
  AuditRow,
  AuditSeal,
  AuditStore,
} from "../../core/ports/audit.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { later } from "./later.ts";
import type { AuditTable } from "./tables.ts";

const maxPage = 1_000;

/** The columns are part of the type, so that a forgotten one does not compile. */
const columns = Object.keys({
  sequence: 0,
  time: 0,
  actor: 0,
  tenant: 0,
  action: 0,
  object_kind: 0,
  object_id: 0,
  outcome: 0,
  code: 0,
  request_id: 0,
  remote_address: 0,
  completes: 0,
  changes: 0,
  previous_hash: 0,
  hash: 0,
} satisfies Record<keyof AuditTable, 0>) as (keyof AuditTable)[];

const toTable = (row: AuditRow): AuditTable => ({
  sequence: row.sequence,
  time: row.time,
  actor: row.actor,
  tenant: row.tenant,
  action: row.action,
  object_kind: row.object.kind,
  object_id: row.object.id,
  outcome: row.outcome,
  code: row.code,
  request_id: row.requestId,
  remote_address: row.remoteAddress,
  completes: row.completes,
  changes: row.changes,
  previous_hash: row.previousHash,
  hash: row.hash,
});

const fromTable = (row: AuditTable): AuditRow => ({
  sequence: row.sequence,
  time: row.time,
  actor: row.actor,
  tenant: row.tenant,
  action: row.action,
  object: { kind: row.object_kind, id: row.object_id },
  outcome: row.outcome as AuditOutcome,
  code: row.code,
  requestId: row.request_id,
  remoteAddress: row.remote_address,
  completes: row.completes,
  changes: row.changes,
  previousHash: row.previous_hash,
  hash: row.hash,
});

/** Appends rows within a transaction of somebody else's, who holds the write lock from its beginning. */
export const createAuditAppender = (database: SqlDatabase, seal: AuditSeal) => {
  const findLast = later(database, "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
  const insert = later(
    database,
    `INSERT INTO audit (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  const last = (): AuditEnd | undefined => findLast().get<AuditEnd>();
  const append = (entry: AuditEntry): AuditRow => {
    const before = last();
    const unsealed = {
      ...entry,
      sequence: (before?.sequence ?? 0) + 1,
      previousHash: before?.hash ?? seal.firstPreviousHash,
    };
    const row = { ...unsealed, hash: seal.hash(unsealed) };
    const values = toTable(row);
    insert().run(columns.map((column) => values[column]));
    return row;
  };
  return { append, last };
};

const matching = ({ since, action, actor, tenant }: AuditFilter): { terms: string[]; parameters: unknown[] } => {
  const terms: string[] = [];
  const parameters: unknown[] = [];
  const add = (term: string, ...values: readonly unknown[]): void => {
    terms.push(term);
    parameters.push(...values);
  };
  if (since !== undefined) add("time >= ?", since);
  // No pattern, so that no character of it means anything.
  if (action !== undefined) add("(action = ? OR substr(action, 1, ?) = ?)", action, action.length + 1, `${action}.`);
  if (actor !== undefined) add("actor = ?", actor);
  if (tenant !== undefined) add("tenant = ?", tenant);
  return { terms, parameters };
};

/** The audit log in a migrated database. */
export const createSqliteAuditStore = (database: SqlDatabase, seal: AuditSeal): AuditStore => {
  const { append, last } = createAuditAppender(database, seal);
  const findHash = later(database, "SELECT hash FROM audit WHERE sequence = ?");
  return {
    append: (entry) => database.transaction(() => append(entry)),
    list({ limit, ...query }) {
      const { terms, parameters } = matching(query);
      const isForward = "after" in query;
      const edge = isForward ? query.after : (query as { readonly before?: number }).before;
      const range = edge === undefined ? [] : [`sequence ${isForward ? ">" : "<"} ?`];
      const where = [...terms, ...range].join(" AND ") || "true";
      return database
        .prepare(`SELECT * FROM audit WHERE ${where} ORDER BY sequence ${isForward ? "ASC" : "DESC"} LIMIT ?`)
        .all<AuditTable>([...parameters, ...(edge === undefined ? [] : [edge]), Math.max(1, Math.min(limit, maxPage))])
        .map(fromTable);
    },
    underLock: (work) => database.transaction(() => work(last())),
    hashOf: (sequence) => findHash().get<{ hash: string }>([sequence])?.hash,
  };
};

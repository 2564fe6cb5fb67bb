import { userAsGiver } from "../../core/feedback-giver.ts";
import { toUsd } from "../../core/money.ts";
import type {
  CallOwner,
  Feedback,
  FeedbackAdded,
  JudgedCall,
  JudgedCallQuery,
  LearningStore,
} from "../../core/ports/learning.ts";
import { mostFeedback } from "../../core/ports/learning.ts";
import type { SqlDatabase } from "../../core/ports/sql.ts";
import { type DetailColumns, unpackDetail } from "./decision-details.ts";
import { forgetUnits } from "./forget-units.ts";
import { later } from "./later.ts";
import type { CallsTable } from "./tables.ts";

const maxPage = 1_000;

type DecidedRow = DetailColumns &
  Pick<CallsTable, "id" | "tenant" | "key_id" | "route" | "started_at" | "outcome" | "target" | "cost" | "duration"> & {
    /** JSON. */
    readonly targets: string;
  };
interface FeedbackRow extends Omit<Feedback, "callId"> {
  readonly call_id: string;
}

const selectDecided = `SELECT detail_json, features, decided_calls.user_id, calls.id, calls.tenant, key_id, calls.route,
  calls.started_at, outcome, calls.target, calls.cost, duration,
  (SELECT json_group_array(target) FROM (
    SELECT target FROM attempts WHERE call_id = calls.id GROUP BY target ORDER BY min(number))) AS targets
  FROM decided_calls JOIN calls ON calls.id = decided_calls.call_id`;

const conditions = {
  route: "decided_calls.route = ?",
  tenant: "decided_calls.tenant = ?",
  since: "decided_calls.started_at >= ?",
  until: "decided_calls.started_at < ?",
} satisfies Record<Exclude<keyof JudgedCallQuery, "before" | "limit">, string>;

const queryOf = ({ before, limit, ...filter }: JudgedCallQuery) => {
  const given = (Object.keys(conditions) as (keyof typeof conditions)[]).filter((field) => filter[field] !== undefined);
  const parts = given.map((field) => conditions[field]);
  const parameters: unknown[] = given.map((field) => filter[field]);
  if (before !== undefined) {
    parts.push("(decided_calls.started_at, decided_calls.call_id) < (?, ?)");
    parameters.push(before.startedAt, before.id);
  }
  const where = parts.length === 0 ? "" : ` WHERE ${parts.join(" AND ")}`;
  const order = "ORDER BY decided_calls.started_at DESC, decided_calls.call_id DESC LIMIT ?";
  return {
    sql: `${selectDecided}${where} ${order}`,
    parameters: [...parameters, Math.max(1, Math.min(limit, maxPage))],
  };
};

// The casts are safe: rows are written from these types only.
const feedbackFromRow = ({ call_id: callId, ...rest }: FeedbackRow): Feedback => ({ ...rest, callId });

const callFromRow = (row: DecidedRow, feedback: readonly Feedback[]): JudgedCall => ({
  callId: row.id,
  tenant: row.tenant,
  keyId: row.key_id,
  userId: row.user_id,
  route: row.route,
  startedAt: row.started_at,
  outcome: row.outcome as JudgedCall["outcome"],
  targets: JSON.parse(row.targets) as readonly string[],
  target: row.target,
  costUsd: toUsd(row.cost),
  durationMilliseconds: row.duration,
  detail: unpackDetail(row),
  feedback,
});

/** Feedback of a user: on calls that were the user's, and what the user said of others. */
const feedbackOfUser = `tenant = ? AND (
  giver = ?
  OR EXISTS (SELECT 1 FROM decided_calls AS d WHERE d.call_id = feedback.call_id AND d.user_id = ?)
  OR EXISTS (SELECT 1 FROM calls JOIN keys ON keys.id = key_id WHERE calls.id = feedback.call_id AND keys.user_id = ?))`;

/** Keeps in a migrated database what policies learn from. */
export const createSqliteLearningStore = (database: SqlDatabase): LearningStore => {
  const one = later(database, `${selectDecided} WHERE decided_calls.call_id = ?`);
  const feedbackRows = later(
    database,
    "SELECT call_id, id, tenant, giver, source, reward, at FROM feedback WHERE call_id = ? ORDER BY at, id",
  );
  const owner = later(
    database,
    `SELECT id AS callId, tenant, key_id AS keyId, coalesce(
       (SELECT user_id FROM decided_calls WHERE call_id = calls.id), (SELECT user_id FROM keys WHERE keys.id = key_id)
     ) AS userId FROM calls WHERE id = ?`,
  );
  const insert = later(
    database,
    `INSERT INTO feedback (call_id, id, tenant, giver, source, reward, at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (call_id, id) DO NOTHING`,
  );
  const counts = later(
    database,
    `SELECT count(*) AS ofCall, coalesce(sum(giver = ?), 0) AS ofGiver, coalesce(sum(id = ?), 0) AS same
     FROM feedback WHERE call_id = ?`,
  );
  const readState = later(database, "SELECT json FROM policy_states WHERE name = ?");
  const writeState = later(
    database,
    `INSERT INTO policy_states (name, json, written_at) VALUES (?, ?, unixepoch() * 1000)
     ON CONFLICT (name) DO UPDATE SET json = excluded.json, written_at = excluded.written_at`,
  );

  const feedbackOf = (callId: string): readonly Feedback[] =>
    feedbackRows().all<FeedbackRow>([callId]).map(feedbackFromRow);
  const judged = (row: DecidedRow): JudgedCall => callFromRow(row, feedbackOf(row.id));
  const ownerOf = (callId: string): CallOwner | undefined => owner().get<CallOwner>([callId]);

  const add = ({ callId, id, tenant, giver, source, reward, at }: Feedback): FeedbackAdded => {
    if (ownerOf(callId)?.tenant !== tenant) return "unknown";
    const {
      ofCall = 0,
      ofGiver = 0,
      same = 0,
    } = counts().get<{ ofCall: number; ofGiver: number; same: number }>([giver, id, callId]) ?? {};
    if (same > 0) return "known";
    if (ofCall >= mostFeedback.ofCall || ofGiver >= mostFeedback.ofGiver) return "full";
    insert().run([callId, id, tenant, giver, source, reward, at]);
    return "added";
  };

  const forget = (tenant: string, userId: string): number => {
    const concerned = database
      .prepare(
        `SELECT count(*) AS n FROM (SELECT call_id FROM decided_calls WHERE tenant = ? AND user_id = ?
           UNION SELECT call_id FROM feedback WHERE ${feedbackOfUser})`,
      )
      .get<{ n: number }>([tenant, userId, tenant, userAsGiver(userId), userId, userId]);
    database.prepare(`DELETE FROM feedback WHERE ${feedbackOfUser}`).run([tenant, userAsGiver(userId), userId, userId]);
    database
      .prepare("UPDATE decided_calls SET features = NULL, user_id = NULL WHERE tenant = ? AND user_id = ?")
      .run([tenant, userId]);
    forgetUnits(database, tenant, userId);
    return concerned?.n ?? 0;
  };

  const prune = (before: number, limit: number): number => {
    const { changes: details } = database
      .prepare(
        "DELETE FROM decided_calls WHERE rowid IN (SELECT rowid FROM decided_calls WHERE started_at < ? LIMIT ?)",
      )
      .run([before, limit]);
    const { changes: judgements } = database
      .prepare("DELETE FROM feedback WHERE (call_id, id) IN (SELECT call_id, id FROM feedback WHERE at < ? LIMIT ?)")
      .run([before, limit]);
    return Number(details) + Number(judgements);
  };

  return {
    async judgedCalls(query) {
      const { sql, parameters } = queryOf(query);
      return database.prepare(sql).all<DecidedRow>(parameters).map(judged);
    },
    async judgedCall(callId) {
      const row = one().get<DecidedRow>([callId]);
      return row === undefined ? undefined : judged(row);
    },
    ownerOf: async (callId) => ownerOf(callId),
    feedbackOf: async (callId) => feedbackOf(callId),
    addFeedback: async (feedback) => database.transaction(() => add(feedback)),
    forgetUser: async (tenant, userId) => database.transaction(() => forget(tenant, userId)),
    prune: async (before, limit) => database.transaction(() => prune(before, limit)),
    readState: async (name) => readState().get<{ json: string }>([name])?.json,
    writeState: async (name, json) => void writeState().run([name, json]),
  };
};

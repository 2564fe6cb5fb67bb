/**
 * What policies learn from: the details of decisions, apart from the calls that they are of, so that what is decided
 * without them costs nothing, and they can go sooner; and what was said of calls, whoever decided them.
 */
export const createLearning = `
CREATE TABLE decided_calls (
  call_id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  user_id TEXT,
  route TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  detail_json TEXT NOT NULL,
  features TEXT
);
CREATE INDEX decided_calls_route ON decided_calls (route, started_at);
CREATE INDEX decided_calls_started_at ON decided_calls (started_at);
CREATE INDEX decided_calls_user ON decided_calls (tenant, user_id) WHERE user_id IS NOT NULL;
CREATE TABLE feedback (
  call_id TEXT NOT NULL,
  id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  giver TEXT NOT NULL,
  source TEXT NOT NULL,
  reward REAL NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (call_id, id)
) WITHOUT ROWID;
CREATE INDEX feedback_at ON feedback (at);
CREATE INDEX feedback_giver ON feedback (tenant, giver);
CREATE TABLE policy_states (
  name TEXT PRIMARY KEY,
  json TEXT NOT NULL,
  written_at INTEGER NOT NULL
) WITHOUT ROWID;
`;

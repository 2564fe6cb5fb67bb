/** Calls, attempts, and how far the journal has been taken in. */
export const createLedger = `
CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  operation TEXT NOT NULL,
  tenant TEXT NOT NULL,
  team TEXT,
  key_id TEXT,
  route TEXT NOT NULL,
  requested_model TEXT NOT NULL,
  streamed INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER NOT NULL,
  error_code TEXT,
  error_message TEXT,
  duration REAL NOT NULL,
  first_content_after REAL,
  target TEXT,
  model TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  usage_json TEXT,
  usage_source TEXT NOT NULL,
  cost INTEGER NOT NULL,
  charge INTEGER NOT NULL,
  decision_json TEXT
) WITHOUT ROWID;
CREATE INDEX calls_started_at ON calls (started_at);
CREATE INDEX calls_key ON calls (key_id, started_at);
CREATE INDEX calls_model ON calls (model, started_at);
CREATE TABLE attempts (
  call_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  target TEXT NOT NULL,
  provider TEXT NOT NULL,
  kind TEXT NOT NULL,
  model TEXT NOT NULL,
  outcome TEXT NOT NULL,
  error_code TEXT,
  error_message TEXT,
  upstream_status INTEGER,
  started_after REAL NOT NULL,
  headers_after REAL,
  first_content_after REAL,
  ended_after REAL NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  usage_json TEXT,
  usage_source TEXT NOT NULL,
  price_json TEXT,
  cost INTEGER NOT NULL,
  cost_source TEXT NOT NULL,
  delivered INTEGER NOT NULL,
  PRIMARY KEY (call_id, number)
) WITHOUT ROWID;
CREATE TABLE open_dispatches (
  call_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  owner TEXT NOT NULL,
  record_json TEXT NOT NULL,
  PRIMARY KEY (call_id, attempt)
) WITHOUT ROWID;
CREATE INDEX open_dispatches_owner ON open_dispatches (owner);
CREATE TABLE journal_segments (
  segment TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  gaps INTEGER NOT NULL
) WITHOUT ROWID;
`;

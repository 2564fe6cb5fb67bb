/** API keys, and the counters by which processes notice each other's changes. */
export const createKeys = `
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  suffix TEXT NOT NULL,
  role TEXT NOT NULL,
  tenant TEXT NOT NULL,
  team TEXT,
  routes_json TEXT,
  models_json TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  rotated_from TEXT,
  last_used_at INTEGER
) WITHOUT ROWID;
CREATE TABLE versions (
  area TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) WITHOUT ROWID;
`;

/**
 * Calls that are part of experiments, and shadows of calls: narrow, since statistics read all of one experiment. `unit` is
 * a digest. `failed` is null where the client left.
 */
export const createExperiments = `
CREATE TABLE experiment_calls (
  experiment TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  arm TEXT NOT NULL,
  unit TEXT NOT NULL,
  tenant TEXT NOT NULL,
  failed INTEGER,
  cost INTEGER NOT NULL,
  duration REAL NOT NULL,
  PRIMARY KEY (experiment, started_at, call_id)
) WITHOUT ROWID;
CREATE TABLE shadow_calls (
  route TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  shadow_id TEXT NOT NULL,
  tenant TEXT NOT NULL,
  agrees INTEGER,
  reward REAL,
  PRIMARY KEY (route, started_at, call_id)
) WITHOUT ROWID;
`;

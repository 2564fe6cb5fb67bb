/** Providers, models, overrides and settings that were made while the program ran. */
export const createRegistry = `
CREATE TABLE objects (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  value_json TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;
`;

/** Records of the journal that the ledger's tables would not take. */
export const createQuarantine = `
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  segment TEXT NOT NULL,
  owner TEXT NOT NULL,
  call_id TEXT,
  reason TEXT NOT NULL,
  record TEXT NOT NULL,
  entered_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER) * 1000)
);
`;

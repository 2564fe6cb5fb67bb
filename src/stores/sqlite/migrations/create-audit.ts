/** Refuses that any row is taken away. Who prunes takes the trigger away and makes it again, in one transaction. */
export const keepRows = `CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;`;

/**
 * The record of administrative acts. Rows are added in order and stay as they are: the triggers refuse anything else,
 * `REPLACE` too, which would delete a row without the trigger for deletions.
 */
export const createAudit = `
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  tenant TEXT NOT NULL,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT,
  outcome TEXT NOT NULL,
  code TEXT,
  request_id TEXT,
  remote_address TEXT,
  completes INTEGER,
  changes TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
${keepRows}
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_keeps_order BEFORE INSERT ON audit
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;

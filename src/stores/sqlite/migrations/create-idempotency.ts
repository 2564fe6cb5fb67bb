/** What the keys of repeated requests stand for. Answers can be large, so the rows keep their own ids. */
export const createIdempotency = `
CREATE TABLE idempotency (
  id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  call_id TEXT NOT NULL,
  owner TEXT,
  expires_at INTEGER NOT NULL,
  answer BLOB
);
CREATE INDEX idempotency_expires_at ON idempotency (expires_at) WHERE owner IS NULL;
CREATE INDEX idempotency_owner ON idempotency (owner) WHERE owner IS NOT NULL;
`;

/**
 * A call whose only attempt answered it, as nearly all do, has that attempt in its own row; other attempts stay in a
 * table of their own, and the view shows all alike. The index on models was worth less than it cost: who asks for one
 * model asks for a time too. All this halves what a call costs to enter.
 */
export const keepSoleAttemptsWithCalls = `
ALTER TABLE attempts RENAME TO separate_attempts;
ALTER TABLE calls ADD COLUMN provider TEXT;
ALTER TABLE calls ADD COLUMN kind TEXT;
ALTER TABLE calls ADD COLUMN upstream_status INTEGER;
ALTER TABLE calls ADD COLUMN started_after REAL;
ALTER TABLE calls ADD COLUMN headers_after REAL;
ALTER TABLE calls ADD COLUMN ended_after REAL;
ALTER TABLE calls ADD COLUMN price_json TEXT;
ALTER TABLE calls ADD COLUMN attempt_cost INTEGER;
ALTER TABLE calls ADD COLUMN cost_source TEXT;
ALTER TABLE calls ADD COLUMN delivered INTEGER;
CREATE VIEW attempts AS
  SELECT call_id, number, target, provider, kind, model, outcome, error_code, error_message, upstream_status,
    started_after, headers_after, first_content_after, ended_after, input_tokens, output_tokens, usage_json,
    usage_source, price_json, cost, cost_source, delivered
  FROM separate_attempts
  UNION ALL
  SELECT id, 1, target, provider, kind, model, outcome, error_code, error_message, upstream_status,
    started_after, headers_after, first_content_after, ended_after, input_tokens, output_tokens, usage_json,
    usage_source, price_json, attempt_cost, cost_source, delivered
  FROM calls WHERE provider IS NOT NULL;
DROP INDEX calls_model;
DROP INDEX calls_key;
CREATE INDEX calls_key ON calls (key_id, started_at) WHERE key_id IS NOT NULL;
`;

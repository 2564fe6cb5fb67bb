/**
 * Of a cascade the client is charged for attempts too whose answers were only looked at. They never stand alone, so the
 * rows of calls need no such column.
 */
export const noteContributions = `
ALTER TABLE separate_attempts ADD COLUMN contributed INTEGER NOT NULL DEFAULT 0;
DROP VIEW attempts;
CREATE VIEW attempts AS
  SELECT call_id, number, target, provider, kind, model, outcome, error_code, error_message, upstream_status,
    started_after, headers_after, first_content_after, ended_after, input_tokens, output_tokens, usage_json,
    usage_source, price_json, cost, cost_source, delivered, contributed
  FROM separate_attempts
  UNION ALL
  SELECT id, 1, target, provider, kind, model, outcome, error_code, error_message, upstream_status,
    started_after, headers_after, first_content_after, ended_after, input_tokens, output_tokens, usage_json,
    usage_source, price_json, attempt_cost, cost_source, delivered, 0
  FROM calls WHERE provider IS NOT NULL;
`;

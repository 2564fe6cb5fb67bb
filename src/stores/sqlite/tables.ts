import type { Priority } from "../../core/priority.ts";

/**
 * Columns of `calls`. Times are milliseconds since 1970, durations milliseconds, money 10⁻¹² USD, `_json` is JSON. A usage
 * of which only the totals are known stands in these alone, without its JSON.
 */
export interface CallsTable {
  id: string;
  operation: string;
  tenant: string;
  team: string | null;
  key_id: string | null;
  route: string;
  requested_model: string;
  streamed: number;
  started_at: number;
  outcome: string;
  status: number;
  error_code: string | null;
  error_message: string | null;
  duration: number;
  first_content_after: number | null;
  target: string | null;
  model: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  usage_json: string | null;
  usage_source: string;
  cost: number;
  charge: number;
  /** Null where the decision is one of `decisions`. */
  decision_json: string | null;
  decision_id: number | null;
  /** This and what follows: of the only attempt, where that answered the call; else all null. */
  provider: string | null;
  kind: string | null;
  upstream_status: number | null;
  started_after: number | null;
  headers_after: number | null;
  ended_after: number | null;
  price_json: string | null;
  attempt_cost: number | null;
  cost_source: string | null;
  delivered: number | null;
}

/** Columns of `separate_attempts`, and of the view `attempts`, which has those of the table `calls` too. */
export interface AttemptsTable {
  call_id: string;
  number: number;
  target: string;
  provider: string;
  kind: string;
  model: string;
  outcome: string;
  error_code: string | null;
  error_message: string | null;
  upstream_status: number | null;
  started_after: number;
  headers_after: number | null;
  first_content_after: number | null;
  ended_after: number;
  input_tokens: number | null;
  output_tokens: number | null;
  usage_json: string | null;
  usage_source: string;
  price_json: string | null;
  cost: number;
  cost_source: string;
  delivered: number;
  contributed: number;
}

/** Columns of `keys`. */
export interface KeysTable {
  id: string;
  name: string;
  digest: string;
  suffix: string;
  role: string;
  tenant: string;
  team: string | null;
  routes_json: string | null;
  models_json: string | null;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  rotated_from: string | null;
  everywhere: number;
  user_id: string | null;
  allowed_addresses_json: string | null;
  limits_json: string | null;
  profile_json: string | null;
  priority: Priority;
  revision: number;
  last_used_at: number | null;
}

/** Columns of `directory`, in their order. */
export interface DirectoryTable {
  kind: string;
  tenant: string;
  id: string;
  fields_json: string;
  revision: number;
  created_at: number;
  updated_at: number;
}

/** Columns of `objects`. */
export interface ObjectsTable {
  kind: string;
  name: string;
  value_json: string;
  revision: number;
  created_at: number;
  updated_at: number;
}

/** Columns of `audit`, in their order. */
export interface AuditTable {
  sequence: number;
  time: number;
  actor: string;
  tenant: string;
  action: string;
  object_kind: string;
  object_id: string | null;
  outcome: string;
  code: string | null;
  request_id: string | null;
  remote_address: string | null;
  completes: number | null;
  changes: string;
  previous_hash: string;
  hash: string;
}

export const fromJson = <Value>(text: string): Value => JSON.parse(text) as Value;
export const fromJsonOrNull = <Value>(text: string | null): Value | null => (text === null ? null : fromJson(text));
export const toJsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

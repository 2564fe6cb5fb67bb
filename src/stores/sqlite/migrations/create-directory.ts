/**
 * Tenants, teams and users, and the user of a key. Tenants and teams that keys named before they were objects are made
 * of these names.
 */
export const createDirectory = `
CREATE TABLE directory (
  kind TEXT NOT NULL,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  fields_json TEXT NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (kind, tenant, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX directory_external_id ON directory (tenant, json_extract(fields_json, '$.externalId'))
  WHERE kind = 'user' AND json_extract(fields_json, '$.externalId') IS NOT NULL;
ALTER TABLE keys ADD COLUMN user_id TEXT;
INSERT INTO directory (kind, tenant, id, fields_json, revision, created_at, updated_at)
  SELECT 'tenant', tenant, tenant, json_object('name', tenant), 1, made, made
  FROM (SELECT tenant, min(created_at) AS made FROM keys GROUP BY tenant
    UNION ALL SELECT 'default', 0 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE tenant = 'default'));
INSERT INTO directory (kind, tenant, id, fields_json, revision, created_at, updated_at)
  SELECT 'team', tenant, team, json_object('name', team), 1, min(created_at), min(created_at)
  FROM keys WHERE team IS NOT NULL GROUP BY tenant, team;
`;

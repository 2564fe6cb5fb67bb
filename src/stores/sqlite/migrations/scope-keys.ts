/** What bounds the use of a key beside its routes and models, and a revision, so that no change of it is lost. */
export const scopeKeys = `
ALTER TABLE keys ADD COLUMN allowed_addresses_json TEXT;
ALTER TABLE keys ADD COLUMN limits_json TEXT;
ALTER TABLE keys ADD COLUMN profile_json TEXT;
ALTER TABLE keys ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
`;

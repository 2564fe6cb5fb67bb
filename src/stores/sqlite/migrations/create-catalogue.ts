/** Facts on models from the imported catalogue, by the catalogue's id of their provider. */
export const createCatalogue = `
CREATE TABLE catalogue (
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  facts_json TEXT NOT NULL,
  PRIMARY KEY (provider, model)
) WITHOUT ROWID;
CREATE TABLE catalogue_imports (
  as_of TEXT NOT NULL,
  imported_at INTEGER NOT NULL
);
`;

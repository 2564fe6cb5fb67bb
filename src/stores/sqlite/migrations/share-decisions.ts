/** Decisions that are taken again and again, word for word, are kept once: they are a third of a call's row. */
export const shareDecisions = `
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  json TEXT NOT NULL
);
ALTER TABLE calls ADD COLUMN decision_id INTEGER;
`;

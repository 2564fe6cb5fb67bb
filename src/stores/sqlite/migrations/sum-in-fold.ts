/**
 * The fold itself adds to `spent_days`, once for each group: triggers took a sixth of what a call costs to enter. A
 * program from before, should it still run, has to stop there, since it would enter calls without their sums; what it
 * leaves in the journal is taken in by this one. So a column that it writes has another name.
 */
export const sumInFold = `
DROP TRIGGER IF EXISTS spent_call;
DROP TRIGGER IF EXISTS spent_attempt;
DROP TRIGGER IF EXISTS unspent_call;
ALTER TABLE journal_segments RENAME COLUMN position TO read_to;
`;

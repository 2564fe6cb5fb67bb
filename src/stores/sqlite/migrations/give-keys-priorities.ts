/** Whose calls come first when a limit is nearly used up. Keys from before count as they did. */
export const giveKeysPriorities = `
ALTER TABLE keys ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
`;

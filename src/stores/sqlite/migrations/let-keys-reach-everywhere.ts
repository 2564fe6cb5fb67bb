/**
 * Which keys are the platform's own. Until now there was one tenant in earnest, and administrators saw everything
 * wherever they stood: all of these keep what they had.
 */
export const letKeysReachEverywhere = `
ALTER TABLE keys ADD COLUMN everywhere INTEGER NOT NULL DEFAULT 0;
UPDATE keys SET everywhere = 1 WHERE tenant = 'default' OR role = 'admin';
`;

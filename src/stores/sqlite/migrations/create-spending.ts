/**
 * What was spent each day, by all that budgets look at. It stays empty until there is a budget: then it is filled, and
 * from then on kept (by triggers once, by the fold now). Calls that began before `until` are in it. A call without team or key has ''.
 */
export const createSpending = `
CREATE TABLE spent_days (
  day INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  team TEXT NOT NULL,
  key_id TEXT NOT NULL,
  route TEXT NOT NULL,
  target TEXT NOT NULL,
  cost INTEGER NOT NULL,
  PRIMARY KEY (day, tenant, team, key_id, route, target)
) WITHOUT ROWID;
CREATE TABLE spent_progress (until INTEGER NOT NULL);
`;

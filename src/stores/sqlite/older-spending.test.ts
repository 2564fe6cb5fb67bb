import { expect, test } from "bun:test";
import { sampleCall } from "../../../test/contracts/sample-calls.ts";
import { openSqlite } from "../../runtime/sqlite.ts";
import { createSqliteFoldStore } from "./fold-store.ts";
import { createAudit } from "./migrations/create-audit.ts";
import { createCatalogue } from "./migrations/create-catalogue.ts";
import { createDirectory } from "./migrations/create-directory.ts";
import { createIdempotency } from "./migrations/create-idempotency.ts";
import { createKeys } from "./migrations/create-keys.ts";
import { createLedger } from "./migrations/create-ledger.ts";
import { createQuarantine } from "./migrations/create-quarantine.ts";
import { createRegistry } from "./migrations/create-registry.ts";
import { createSpending } from "./migrations/create-spending.ts";
import { giveKeysPriorities } from "./migrations/give-keys-priorities.ts";
import { keepSoleAttemptsWithCalls } from "./migrations/keep-sole-attempts-with-calls.ts";
import { letKeysReachEverywhere } from "./migrations/let-keys-reach-everywhere.ts";
import { scopeKeys } from "./migrations/scope-keys.ts";
import { shareDecisions } from "./migrations/share-decisions.ts";
import { migrate } from "./migrations.ts";
import { readSpending } from "./spending.ts";
import { unequalDays } from "./spent-days.ts";

const before = [
  ...[createLedger, createKeys, createRegistry, createCatalogue, createIdempotency, createQuarantine],
  ...[keepSoleAttemptsWithCalls, shareDecisions, createAudit, letKeysReachEverywhere, createDirectory, scopeKeys],
  ...[createSpending, giveKeysPriorities],
];
/** As the program from before kept the sums, once there was a budget. */
const triggers = `
INSERT INTO spent_progress (until) VALUES (9000000000000000);
CREATE TRIGGER spent_call AFTER INSERT ON calls WHEN NEW.started_at < (SELECT until FROM spent_progress) BEGIN
  INSERT INTO spent_days (day, tenant, team, key_id, route, target, cost)
    SELECT NEW.started_at / 86400000, NEW.tenant, coalesce(NEW.team, ''), coalesce(NEW.key_id, ''), NEW.route,
      NEW.target, NEW.attempt_cost WHERE NEW.provider IS NOT NULL AND NEW.attempt_cost <> 0
    ON CONFLICT DO UPDATE SET cost = cost + excluded.cost;
END;
CREATE TRIGGER spent_attempt AFTER INSERT ON separate_attempts BEGIN SELECT 1; END;
CREATE TRIGGER unspent_call BEFORE DELETE ON calls BEGIN SELECT 1; END;`;

const enterAsBefore = `INSERT INTO calls (id, operation, tenant, key_id, route, requested_model, streamed, started_at,
    outcome, status, duration, target, usage_source, cost, charge, provider, attempt_cost)
  VALUES ('old', 'chat', 'default', 'key-1', 'auto', 'auto', 0, ${sampleCall("").startedAt}, 'ok', 200, 1, 'openai/small',
    'reported', 7, 7, 'openai', 7)`;

test("sums that triggers kept are gone on with, and no call counts twice", () => {
  const database = openSqlite({ path: ":memory:" });
  for (const step of before) database.exec(step);
  database.exec(`PRAGMA user_version = ${before.length}`);
  database.exec(triggers);
  database.exec(enterAsBefore);
  migrate(database);
  const fold = createSqliteFoldStore(database);
  fold.apply({ segment: "s", owner: "o", from: 0, to: 1, dispatched: [], settled: [sampleCall("new")], gaps: 0 });
  const { sums } = readSpending(database, {
    questions: [{ period: { start: 0, end: null }, by: ["keyId"] }],
    calls: [],
  });
  expect(sums[0]?.map(({ spender, pico }) => [spender.keyId, pico])).toEqual([["key-1", 4_500_007]]);
  expect(unequalDays(database)).toEqual([]);
});

test("a program that still leaves the sums to triggers can take nothing in any more", () => {
  const database = openSqlite({ path: ":memory:" });
  migrate(database);
  const positionAsBefore = "INSERT INTO journal_segments (segment, position, gaps) VALUES ('s', 1, 0)";
  expect(() => database.exec(positionAsBefore)).toThrow("position");
});

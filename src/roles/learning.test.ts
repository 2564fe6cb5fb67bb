import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { decidedRecord, sampleFeedback } from "../../test/contracts/learning-store.ts";
import { sampleCall } from "../../test/contracts/sample-calls.ts";
import { decidedCallOf } from "../core/decided-call.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { Learner, LearningNotice } from "../core/ports/learning.ts";
import type { SqlDatabase } from "../core/ports/sql.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { type Learning, openLearning } from "./learning.ts";
import { pruneLearning } from "./prune-learning.ts";

/** A process: its journal, and what its learners heard. */
const openProcess = (database: SqlDatabase, changes: { readonly implicitSignals?: boolean } = {}) => {
  const { fold, learning: store } = createSqliteStores(database);
  const journal: CallRecord[] = [];
  const heard: string[] = [];
  const shared: LearningNotice[] = [];
  const problems: unknown[] = [];
  const state = { folds: 0 };
  const loud: Learner = {
    settled: ({ callId }) => void heard.push(`settled ${callId}`),
    rewarded: ({ callId }, { reward }) => void heard.push(`rewarded ${callId} ${reward}`),
    forgotten: (tenant, userId) => void heard.push(`forgotten ${tenant} ${userId}`),
  };
  const failing: Learner = {
    settled: () => {
      throw new Error("no");
    },
    rewarded: () => undefined,
  };
  const learning = openLearning({
    store,
    learners: [failing, loud],
    async fold() {
      const from = state.folds++;
      const group = { segment: "s", owner: "o", from, to: from + 1, dispatched: [], gaps: 0 };
      await fold.apply({ ...group, settled: journal.splice(0) });
    },
    share: (notices) => void shared.push(...(JSON.parse(JSON.stringify(notices)) as readonly LearningNotice[])),
    settings: () => ({ implicitSignals: true, ...changes }),
    logger: { error: (_, fields) => void problems.push(fields), warn: (_, fields) => void problems.push(fields) },
  });
  const settle = (record: CallRecord): void => {
    journal.push(record);
    learning.onSettled(record);
  };
  return { learning, store, heard, shared, problems, state, settle, journal };
};

let database: SqlDatabase;
let opened: ReturnType<typeof openProcess>;
let learning: Learning;
beforeEach(() => {
  database = openSqlite({ path: ":memory:" });
  opened = openProcess(database);
  ({ learning } = opened);
});
afterEach(() => database.close());

describe("feedback", () => {
  test("that comes right after the answer finds its call, and learners hear of both", async () => {
    opened.settle(decidedRecord("a"));
    expect(await learning.ownerOf("a")).toMatchObject({ keyId: "key-1", userId: "ada" });
    expect(opened.state.folds).toBe(0);
    expect(await learning.reward(sampleFeedback("a"))).toBe("added");
    expect(await learning.reward(sampleFeedback("a"))).toBe("known");
    expect(opened.heard).toEqual(["settled a", "rewarded a 0.75"]);
    expect((await opened.store.judgedCall("a"))?.feedback).toEqual([sampleFeedback("a")]);
  });

  test("on calls that no policy decided is kept, and nobody hears of it", async () => {
    opened.settle(sampleCall("plain"));
    expect(await learning.ownerOf("plain")).toMatchObject({ keyId: "key-1" });
    expect(await learning.reward(sampleFeedback("plain"))).toBe("added");
    expect(await learning.reward(sampleFeedback("unknown"))).toBe("unknown");
    expect(opened.heard).toEqual([]);
    expect(await opened.store.feedbackOf("plain")).toHaveLength(1);
  });

  test("long after the answer is told with the call from the database", async () => {
    opened.settle(decidedRecord("a"));
    await learning.ownerOf("unknown");
    const later = openProcess(database);
    expect(await later.learning.reward(sampleFeedback("a"))).toBe("added");
    expect(later.heard).toEqual(["rewarded a 0.75"]);
  });
});

test("a learner that fails hinders nobody", () => {
  opened.settle(decidedRecord("a"));
  expect(opened.heard).toEqual(["settled a"]);
  expect(opened.problems).toHaveLength(1);
});

test("other processes hear of all in its order, and tell it to nobody again", async () => {
  opened.settle(decidedRecord("a"));
  await learning.reward(sampleFeedback("a"));
  await learning.forgetUser("default", "ada");
  await learning.close();
  const other = openProcess(database);
  other.learning.take(opened.shared);
  await other.learning.close();
  expect(other.heard).toEqual(opened.heard);
  expect(other.heard).toEqual(["settled a", "rewarded a 0.75", "forgotten default ada"]);
  expect(other.shared).toEqual([]);
});

test("who is forgotten is not remembered by calls of a moment ago", async () => {
  opened.settle(decidedRecord("a"));
  expect(await learning.forgetUser("default", "ada")).toBe(1);
  expect((await learning.ownerOf("a"))?.userId).toBeNull();
  expect((await opened.store.judgedCall("a"))?.detail.features).toBeUndefined();
});

describe("signs", () => {
  const cut = decidedRecord("cut", { outcome: "aborted" });
  test("are kept as weak feedback when there is time", async () => {
    opened.settle(decidedRecord("a", { startedAt: cut.startedAt - 10 }));
    opened.settle(cut);
    await learning.close();
    const [a, b] = await Promise.all(["a", "cut"].map((id) => opened.store.feedbackOf(id)));
    expect(a).toMatchObject([{ source: "implicit", giver: "program", reward: 0.25 }]);
    expect(b).toMatchObject([{ source: "implicit", reward: 0.35 }]);
    expect(opened.heard).toEqual(["settled a", "settled cut", "rewarded a 0.25", "rewarded cut 0.35"]);
  });

  test("are not looked for where the configuration says so", async () => {
    const deaf = openProcess(database, { implicitSignals: false });
    deaf.settle(cut);
    await deaf.learning.close();
    expect(await deaf.store.feedbackOf("cut")).toEqual([]);
  });
});

test("what is older than is to be kept goes, however much", async () => {
  const day = 86_400_000;
  for (let id = 0; id < 1_200; id++) opened.journal.push(decidedRecord(`old ${id}`, { startedAt: day }));
  opened.journal.push(decidedRecord("young", { startedAt: 8 * day }));
  await learning.ownerOf("unknown");
  const parts = { store: opened.store, settings: () => ({ retainDays: 7 }), now: () => 10 * day };
  expect(await pruneLearning(parts)).toBe(1_200);
  expect(await pruneLearning(parts)).toBe(0);
  const left = await opened.store.judgedCalls({ limit: 10 });
  expect(left.map(({ callId }) => callId)).toEqual(["young"]);
  expect(decidedCallOf(decidedRecord("young", { startedAt: 8 * day }))).toMatchObject({ callId: "young" });
});

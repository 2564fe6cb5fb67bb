import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { decidedCallOf } from "../../src/core/decided-call.ts";
import type { DecisionDetail } from "../../src/core/decision.ts";
import type { CallRecord } from "../../src/core/ledger.ts";
import { type Feedback, type LearningStore, mostFeedback } from "../../src/core/ports/learning.ts";
import type { FoldStore, LedgerStore } from "../../src/core/ports/ledger-store.ts";
import { sampleAttempt, sampleCall } from "./sample-calls.ts";

export interface OpenedLearning {
  readonly learning: LearningStore;
  readonly ledger: LedgerStore;
  readonly fold: FoldStore;
  close(): void;
}

const noon = Date.UTC(2026, 10, 30, 12);

/** What a policy might say of its choice. */
export const sampleDetail = (changes: Partial<DecisionDetail> = {}): DecisionDetail => ({
  policy: "learned",
  version: "prior-1+40",
  confidence: 0.82,
  action: "openai/small",
  propensity: 0.98,
  lambda: 0.002,
  binding: "utility",
  taskKind: "code",
  complexity: "simple",
  expected: [
    {
      action: "openai/small",
      quality: 0.82,
      lower: 0.7,
      upper: 0.9,
      costUsd: 0.00015,
      latencyMilliseconds: 800,
      utility: 0.69,
      terms: { prior: 1.25, cluster: -0.5 },
    },
    {
      action: "openai/large",
      quality: 0.91,
      lower: 0.85,
      upper: 0.95,
      costUsd: 0.0021,
      utility: 0.4,
      terms: { prior: 2 },
    },
  ],
  features: "Zm9vYmFy/+=",
  arms: { "new-model": "treatment" },
  userId: "ada",
  ...changes,
});

/** A settled call that a policy decided. */
export const decidedRecord = (
  id: string,
  { detail = {}, ...changes }: Partial<Omit<CallRecord, "decision">> & { detail?: Partial<DecisionDetail> } = {},
): CallRecord =>
  sampleCall(id, {
    ...changes,
    decision: { strategy: "learned", reason: 'It said "detail":{}.', candidates: [], detail: sampleDetail(detail) },
  });

export const sampleFeedback = (callId: string, changes: Partial<Feedback> = {}): Feedback => ({
  id: "one",
  callId,
  tenant: "default",
  giver: "key:key-1",
  source: "rating",
  reward: 0.75,
  at: noon + 5,
  ...changes,
});

/** What every implementation of LearningStore does. */
export const describeLearningStore = (name: string, open: () => OpenedLearning): void => {
  let opened: OpenedLearning;
  let entered = 0;
  beforeEach(() => {
    opened = open();
    entered = 0;
  });
  afterEach(() => opened.close());
  const enter = async (...settled: readonly (Omit<CallRecord, "decision"> & { decision: unknown })[]) => {
    const from = entered;
    entered += 1;
    const group = { segment: "s", owner: "o", from, to: entered, dispatched: [], gaps: 0 };
    return opened.fold.apply({ ...group, settled: settled as readonly CallRecord[] });
  };
  const ids = (calls: readonly { readonly callId: string }[]): string => calls.map(({ callId }) => callId).join(" ");

  describe(`${name}: decided calls`, () => {
    test("gives them back as they were settled, as records and as JSON", async () => {
      const cascade = decidedRecord("b", {
        target: "openai/large",
        model: "large",
        attempts: [
          sampleAttempt({ target: "openai/small", delivered: false }),
          sampleAttempt({ number: 2, target: "other/tiny", delivered: false }),
          sampleAttempt({ number: 3, target: "openai/small", delivered: false }),
          sampleAttempt({ number: 4, target: "openai/large", model: "large" }),
        ],
        detail: { action: "openai/small + other/tiny", explored: true },
      });
      const records = [decidedRecord("a"), cascade];
      await enter(records[0] as CallRecord, { ...cascade, decision: JSON.stringify(cascade.decision) });
      for (const record of records) {
        expect(await opened.learning.judgedCall(record.id)).toEqual({
          ...(decidedCallOf(record) as NonNullable<ReturnType<typeof decidedCallOf>>),
          feedback: [],
        });
        expect(await opened.ledger.callById(record.id)).toEqual(record);
      }
    });

    test("leaves out calls that no policy decided, whatever stands in their texts", async () => {
      const decision = { strategy: '"detail":{', reason: '{"detail":{"action":"x"}}', candidates: [] };
      await enter(sampleCall("a"), sampleCall("b", { decision }), {
        ...sampleCall("c"),
        decision: JSON.stringify(decision),
      });
      expect(await opened.learning.judgedCalls({ limit: 10 })).toEqual([]);
      expect(await opened.learning.judgedCall("b")).toBeUndefined();
      expect(await opened.ledger.callById("c")).toMatchObject({ decision });
    });

    test("keeps a call whose detail it does not understand", async () => {
      for (const [place, detail] of [{}, { action: "x" }, { action: 1, expected: [] }].entries()) {
        const decision = { strategy: "learned", reason: "", candidates: [], detail };
        const outcome = await enter({ ...sampleCall(`a${place}`), decision: JSON.stringify(decision) });
        expect(outcome).toEqual({ kind: "applied", refused: [] });
        expect(await opened.ledger.callById(`a${place}`)).toMatchObject({ decision });
      }
    });

    test("reads numbers that are none as unknown", async () => {
      const bad = decidedRecord("a", {
        detail: { expected: [{ action: "x", quality: Number.NaN, lower: 0, upper: 1, costUsd: Infinity, utility: 0 }] },
      });
      await enter(bad);
      const [expected] = (await opened.learning.judgedCall("a"))?.detail.expected ?? [];
      expect(expected?.quality).toBeNaN();
      expect(expected?.lower).toBe(0);
    });

    test("finds by route, tenant and time, newest first, page by page", async () => {
      await enter(
        decidedRecord("a", { startedAt: noon, route: "one" }),
        decidedRecord("b", { startedAt: noon + 1, route: "one", tenant: "acme" }),
        decidedRecord("c", { startedAt: noon + 1, route: "one" }),
        decidedRecord("d", { startedAt: noon + 2, route: "two" }),
      );
      const found = async (query: object) => ids(await opened.learning.judgedCalls({ limit: 10, ...query }));
      expect(await found({})).toBe("d c b a");
      expect(await found({ route: "one" })).toBe("c b a");
      expect(await found({ route: "one", tenant: "acme" })).toBe("b");
      expect(await found({ since: noon + 1, until: noon + 2 })).toBe("c b");
      expect(await found({ limit: 2 })).toBe("d c");
      expect(await found({ limit: 2, before: { startedAt: noon + 1, id: "c" } })).toBe("b a");
    });
  });

  describe(`${name}: feedback`, () => {
    test("is added once by its id, for calls of its tenant", async () => {
      await enter(decidedRecord("a"), sampleCall("plain"), decidedRecord("b", { tenant: "acme" }));
      const { learning } = opened;
      const first = sampleFeedback("a");
      expect(await learning.addFeedback(first)).toBe("added");
      expect(await learning.addFeedback({ ...first, reward: 0 })).toBe("known");
      expect(await learning.addFeedback(sampleFeedback("a", { id: "öther\n'", at: noon + 6 }))).toBe("added");
      expect(await learning.addFeedback(sampleFeedback("b"))).toBe("unknown");
      expect(await learning.addFeedback(sampleFeedback("nobody"))).toBe("unknown");
      expect(await learning.addFeedback(sampleFeedback("plain"))).toBe("added");
      const both = [first, sampleFeedback("a", { id: "öther\n'", at: noon + 6 })];
      expect(await learning.feedbackOf("a")).toEqual(both);
      expect((await learning.judgedCall("a"))?.feedback).toEqual(both);
      expect((await learning.judgedCalls({ limit: 5 })).map(({ feedback }) => feedback.length)).toEqual([0, 2]);
      expect(await learning.feedbackOf("plain")).toEqual([sampleFeedback("plain")]);
    });

    test("is bounded for each giver and each call", async () => {
      await enter(decidedRecord("a"));
      const add = (giver: string, id: number) =>
        opened.learning.addFeedback(sampleFeedback("a", { giver, id: `${giver}${id}` }));
      for (let id = 0; id < mostFeedback.ofGiver; id++) expect(await add("one", id)).toBe("added");
      expect(await add("one", 99)).toBe("full");
      expect(await add("one", 0)).toBe("known");
      for (let giver = 0; giver < mostFeedback.ofCall - mostFeedback.ofGiver; giver++)
        expect(await add(`giver ${giver}`, 0)).toBe("added");
      expect(await add("last", 0)).toBe("full");
    });

    test("knows whose call it was", async () => {
      await enter(decidedRecord("a"), sampleCall("b", { keyId: null, decision: null }));
      expect(await opened.learning.ownerOf("a")).toEqual({
        callId: "a",
        tenant: "default",
        keyId: "key-1",
        userId: "ada",
      });
      expect(await opened.learning.ownerOf("b")).toMatchObject({ keyId: null, userId: null });
      expect(await opened.learning.ownerOf("' OR 1 --")).toBeUndefined();
    });
  });

  describe(`${name}: forgetting`, () => {
    test("takes a user's features, name and feedback, of this tenant only", async () => {
      await enter(
        decidedRecord("a"),
        decidedRecord("b", { detail: { userId: "bob" } }),
        decidedRecord("c", { tenant: "acme" }),
      );
      const { learning } = opened;
      await learning.addFeedback(sampleFeedback("a"));
      await learning.addFeedback(sampleFeedback("b", { id: "of bob", giver: "user:bob" }));
      await learning.addFeedback(sampleFeedback("b", { id: "of ada", giver: "user:ada" }));
      await learning.addFeedback(sampleFeedback("c", { tenant: "acme" }));
      expect(await learning.forgetUser("default", "ada")).toBe(2);
      const a = await learning.judgedCall("a");
      expect(a).toMatchObject({ userId: null, feedback: [], detail: { action: "openai/small" } });
      expect(a?.detail.features).toBeUndefined();
      expect(a?.detail.userId).toBeUndefined();
      expect((await learning.judgedCall("b"))?.feedback.map(({ id }) => id)).toEqual(["of bob"]);
      expect(await learning.judgedCall("b")).toMatchObject({ userId: "bob", detail: { features: "Zm9vYmFy/+=" } });
      expect(await learning.judgedCall("c")).toMatchObject({ userId: "ada", feedback: [{ id: "one" }] });
      expect(await learning.forgetUser("default", "ada")).toBe(0);
      expect(await learning.forgetUser("default", "nobody")).toBe(0);
    });

    test("prunes what is older, so much at a time", async () => {
      await enter(...[0, 1, 2, 3].map((day) => decidedRecord(`a${day}`, { startedAt: noon + day })));
      await opened.learning.addFeedback(sampleFeedback("a0", { at: noon }));
      await opened.learning.addFeedback(sampleFeedback("a3", { at: noon + 9 }));
      expect(await opened.learning.prune(noon + 3, 2)).toBe(3);
      expect(await opened.learning.prune(noon + 3, 2)).toBe(1);
      expect(await opened.learning.prune(noon + 3, 2)).toBe(0);
      expect(ids(await opened.learning.judgedCalls({ limit: 9 }))).toBe("a3");
      expect(await opened.learning.feedbackOf("a3")).toHaveLength(1);
      const call = await opened.ledger.callById("a0");
      expect(call?.decision?.strategy).toBe("learned");
      expect(call?.decision?.detail).toBeUndefined();
    });
  });

  test(`${name}: states are kept by name`, async () => {
    const { learning } = opened;
    expect(await learning.readState("learned/smart")).toBeUndefined();
    await learning.writeState("learned/smart", '{"a":1}');
    await learning.writeState("learned/smart", '{"a":2}');
    await learning.writeState("other", "[]");
    expect(await learning.readState("learned/smart")).toBe('{"a":2}');
  });
};

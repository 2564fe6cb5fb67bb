import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Beside, Decision } from "../../src/core/decision.ts";
import type { CallRecord } from "../../src/core/ledger.ts";
import type { ExperimentMetric, ExperimentStore } from "../../src/core/ports/experiments.ts";
import type { LearningStore, RewardSource } from "../../src/core/ports/learning.ts";
import type { FoldStore, LedgerStore } from "../../src/core/ports/ledger-store.ts";
import { unitDigest } from "../../src/core/unit-digest.ts";
import { sampleCall } from "./sample-calls.ts";

export interface OpenedExperiments {
  readonly experiments: ExperimentStore;
  readonly learning: LearningStore;
  readonly ledger: LedgerStore;
  readonly fold: FoldStore;
  close(): void;
}

const noon = Date.UTC(2026, 10, 30, 12);
const decision = (changes: Partial<Decision>): Decision => ({
  ...{ strategy: "priority", reason: 'It says "arms":{ and "beside":{.', candidates: [] },
  ...changes,
});
const inArm = (
  id: string,
  arm: string,
  { unit, ...changes }: Partial<CallRecord> & { unit?: string } = {},
): CallRecord =>
  sampleCall(id, {
    decision: decision({ arms: { cheaper: arm }, ...(unit === undefined ? {} : { units: { cheaper: unit } }) }),
    ...changes,
  });
const usd = (amount: number): Pick<CallRecord, "costPicoUsd"> => ({ costPicoUsd: amount * 1e12 });
const besideCall = (id: string, beside: Partial<Beside>, changes: Partial<CallRecord> = {}): CallRecord =>
  sampleCall(id, {
    tenant: "!gateway",
    route: "auto!shadow",
    decision: decision({
      beside: { kind: "shadow", call: "served", route: "auto", tenant: "default", startedAt: noon, ...beside },
    }),
    ...changes,
  });

/** What every store of experiments keeps to, with the ledger that it reads. */
export const describeExperimentStore = (name: string, open: () => OpenedExperiments): void =>
  describe(name, () => {
    let opened: OpenedExperiments;
    let offset = 0;
    beforeEach(() => {
      opened = open();
      offset = 0;
    });
    afterEach(() => opened.close());

    const fold = (...settled: readonly CallRecord[]) =>
      opened.fold.apply({
        ...{ segment: "one", owner: "one", from: offset, to: ++offset, dispatched: [], gaps: 0 },
        // As the journal gives it: nobody has read the decision.
        settled: settled.map((call) => ({ ...call, decision: JSON.stringify(call.decision) })),
      });
    const say = (callId: string, giver: string, [source, reward]: readonly [RewardSource, number]) =>
      opened.learning.addFeedback({
        ...{ id: `${giver}-${source}-${reward}`, callId, tenant: "default" },
        ...{ giver, source, reward, at: noon },
      });
    const sums = async (metric: ExperimentMetric, filter = {}) =>
      (await opened.experiments.armSums("cheaper", filter)).map(({ arm, metrics }) => ({ arm, ...metrics[metric] }));

    test("without calls there is nothing, and calls of no experiment are none of it", async () => {
      expect(await opened.experiments.armSums("cheaper", {})).toEqual([]);
      await fold(sampleCall("a"), sampleCall("b", { decision: null }));
      expect(await opened.experiments.armSums("cheaper", {})).toEqual([]);
      expect(await opened.experiments.shadowSums("auto", {})).toMatchObject({ pairs: 0, servedUsd: 0 });
    });

    test("calls are summed by unit; those of no unit are each their own", async () => {
      await fold(
        inArm("a", "now", { unit: "u1", ...usd(1) }),
        inArm("b", "now", { unit: "u1", ...usd(2) }),
        inArm("c", "now", { unit: "u2", ...usd(4) }),
        inArm("d", "next", usd(8)),
        inArm("e", "next", usd(16)),
      );
      expect(await sums("cost")).toEqual([
        { arm: "next", units: 2, calls: 2, sum: 24, squares: 320, products: 24, callSquares: 2 },
        { arm: "now", units: 2, calls: 3, sum: 7, squares: 25, products: 10, callSquares: 5 },
      ]);
      const [, now] = await opened.experiments.armSums("cheaper", {});
      expect(now).toMatchObject({ units: 2, calls: 3 });
    });

    test("failures count, aborted calls are neither, and time is that of what succeeded", async () => {
      await fold(
        inArm("a", "now", { durationMilliseconds: 10 }),
        inArm("b", "now", { durationMilliseconds: 90, outcome: "error" }),
        inArm("c", "now", { durationMilliseconds: 90, outcome: "aborted" }),
      );
      expect(await sums("errors")).toMatchObject([{ calls: 2, sum: 1 }]);
      expect(await sums("latency")).toMatchObject([{ calls: 1, sum: 10 }]);
      expect(await sums("cost")).toMatchObject([{ calls: 3 }]);
    });

    test("a reward is the word of those who are trusted most, each counted once", async () => {
      await fold(inArm("a", "now"), inArm("b", "now"), inArm("c", "now"));
      await say("a", "judge", ["judge", 1]);
      await say("a", "ann", ["rating", 0]);
      await say("a", "ann", ["rating", 1]);
      await say("a", "bob", ["rating", 0]);
      await say("b", "judge", ["judge", 0.75]);
      expect(await sums("reward")).toMatchObject([{ calls: 2, sum: 1 }]);
    });

    test("a tenant's, and those of a time", async () => {
      await fold(
        inArm("a", "now", { startedAt: noon - 1 }),
        inArm("b", "now", { startedAt: noon, tenant: "acme" }),
        inArm("c", "now", { startedAt: noon + 5 }),
      );
      const calls = async (filter: object) => (await sums("cost", filter))[0]?.calls ?? 0;
      expect(await calls({})).toBe(3);
      expect(await calls({ tenant: "acme" })).toBe(1);
      expect(await calls({ since: noon })).toBe(2);
      expect(await calls({ since: noon, until: noon + 5 })).toBe(1);
      expect(await calls({ tenant: "nobody" })).toBe(0);
    });

    test("a call that is folded again counts once, and its decision does not tell whose it is", async () => {
      await fold(inArm("a", "now", { unit: "u1" }));
      await fold(inArm("a", "now", { unit: "u1" }));
      expect(await sums("cost")).toMatchObject([{ calls: 1 }]);
      const kept = await opened.ledger.callById("a");
      expect(kept?.decision).toMatchObject({ arms: { cheaper: "now" } });
      expect(kept?.decision?.units).toBeUndefined();
    });

    test("of a user who is forgotten, calls stay counted, and nothing ties them together", async () => {
      const unit = unitDigest("cheaper", "default", "ada");
      await fold(inArm("a", "now", { unit }), inArm("b", "now", { unit }), inArm("c", "now", { unit: "other" }));
      expect(await sums("cost")).toMatchObject([{ units: 2, calls: 3 }]);
      await opened.learning.forgetUser("acme", "ada");
      expect(await sums("cost")).toMatchObject([{ units: 2, calls: 3 }]);
      await opened.learning.forgetUser("default", "ada");
      expect(await sums("cost")).toMatchObject([{ units: 3, calls: 3 }]);
    });

    test("a shadow is compared with its call", async () => {
      await fold(
        sampleCall("served", { ...usd(3), durationMilliseconds: 50 }),
        besideCall("shadow", { agrees: true }, { ...usd(1), durationMilliseconds: 80 }),
        sampleCall("served-2", { ...usd(3), startedAt: noon + 9 }),
        besideCall("shadow-2", { call: "served-2", startedAt: noon + 9 }, { ...usd(0), outcome: "error" }),
        besideCall("judge", { kind: "judge", shadow: "shadow", reward: 0.75 }),
        besideCall("judge-2", { kind: "judge", shadow: "shadow-2", call: "served-2", startedAt: noon + 9 }),
        besideCall("judge-3", { kind: "judge", reward: 0.1 }),
      );
      expect(await opened.experiments.shadowSums("auto", {})).toEqual({
        ...{ pairs: 2, servedUsd: 6, shadowUsd: 1 },
        cost: { units: 2, calls: 2, sum: -5, squares: 13, products: -5, callSquares: 2 },
        latency: { units: 1, calls: 1, sum: 30, squares: 900, products: 30, callSquares: 1 },
        errors: { units: 2, calls: 2, sum: 1, squares: 1, products: 1, callSquares: 2 },
        agreement: { units: 1, calls: 1, sum: 1, squares: 1, products: 1, callSquares: 1 },
        judged: { units: 1, calls: 1, sum: 0.75, squares: 0.5625, products: 0.75, callSquares: 1 },
      });
      expect(await opened.experiments.shadowSums("auto", { since: noon + 1 })).toMatchObject({ pairs: 1 });
      expect(await opened.experiments.shadowSums("auto", { tenant: "acme" })).toMatchObject({ pairs: 0 });
      expect(await opened.experiments.shadowSums("other", {})).toMatchObject({ pairs: 0 });
    });
  });

import { afterAll, beforeAll, expect, test } from "bun:test";
import { answerTextFaults } from "../support/answer-checks.ts";
import { compareBooks } from "../support/compare-ledger.ts";
import { readLedger } from "../support/ledger-rows.ts";
import type { CallKind, PlannedCall } from "../support/receipt.ts";
import { providerName, sendCall } from "../support/send-call.ts";
import { startGateway } from "../support/start-gateway.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.stop());

const kinds: readonly CallKind[] = ["chat", "chat stream", "embeddings", "messages", "messages stream"];

/** Of each kind some that end within the drain, some that do not, and one that never would. */
const plannedCalls = (tag: string): readonly PlannedCall[] =>
  kinds.flatMap((kind, position) =>
    [`chunks=10&delay=10`, `chunks=10&delay=10`, `chunks=20&delay=200`, `chunks=20&delay=200`, "hang=headers"].map(
      (behaviour, number) => ({ kind, leave: null, model: `${tag}-${position}-${number}?${behaviour}` }),
    ),
  );

const waitForAll = async (tag: string, count: number): Promise<void> => {
  const begun = () => upstream.dispatches().filter(({ model }) => model.startsWith(tag)).length;
  while (begun() < count) await Bun.sleep(5);
};

for (const durability of ["process", "power"])
  test(`told to stop, it ends what does not end by itself, and settles all of it (durability: ${durability})`, async () => {
    const gateway = await startGateway({
      configuration: {
        providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
        server: { drainMilliseconds: 600 },
        ledger: { durability },
      },
    });
    try {
      const planned = plannedCalls(durability);
      const answers = Promise.all(planned.map((call) => sendCall(gateway.url, call)));
      await waitForAll(durability, planned.length);
      await gateway.stop();
      const receipts = await answers;
      const dispatches = upstream.dispatches().filter(({ model }) => model.startsWith(durability));
      const ledger = readLedger(gateway.dataFolder);
      const faults = compareBooks({ receipts, dispatches, ledger }).flatMap((check) => check.faults);
      expect([...faults, ...answerTextFaults(receipts)]).toEqual([]);
      const endings = Object.groupBy(receipts, ({ ending, error }) =>
        ending === "whole" ? ending : `${ending} ${error}`,
      );
      expect(endings["whole"]?.length).toBe(10);
      expect(ledger.calls.filter(({ outcome }) => outcome === "interrupted")).toEqual([]);
    } finally {
      await gateway.dispose();
    }
  }, 20_000);

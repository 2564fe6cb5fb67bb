import { describe, expect, test } from "bun:test";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import type { Call, Reply } from "../core/call.ts";
import { GatewayError } from "../core/errors.ts";
import type { Hedge } from "../core/route.ts";
import { carryOut } from "./attempt.ts";
import { Breakers } from "./breakers.ts";
import { HedgeBudget } from "./hedge-budget.ts";
import { RetryBudget } from "./retry-budget.ts";
import { TargetLoads } from "./target-loads.ts";

const clock = { monotonic: () => performance.now(), wall: () => 0 };
const targets = [makeTarget("slow/a"), makeTarget("quick/b"), makeTarget("third/c")];

/** What each target does: answers after so many milliseconds, or fails after them. */
type Behaviour = Readonly<Record<string, { readonly after: number; readonly fails?: true }>>;

const answer = (id: string): Reply => ({
  kind: "whole",
  value: {
    id,
    created: 1,
    model: id,
    choices: [{ index: 0, content: [{ type: "text", text: id }], finishReason: "stop" }],
  },
});

const run = async (
  behaviour: Behaviour,
  {
    hedge,
    hedges = new HedgeBudget(),
    loads = new TargetLoads(),
  }: { hedge: Hedge; hedges?: HedgeBudget; loads?: TargetLoads },
) => {
  const made = makeCall({ targets, route: { hedge, retries: { perTarget: 0 } } });
  const aborted: string[] = [];
  const reply = carryOut(
    made.call.route.candidates.map((candidate) => ({ candidate, score: 0, reason: "" })),
    made.call as unknown as Call,
    {
      invoke: (_call, { id }, { signal }) =>
        new Promise((resolve, reject) => {
          const { after, fails } = behaviour[id] ?? { after: 0, fails: true };
          const end = () => (fails ? reject(new GatewayError("upstream_error", `${id} failed`)) : resolve(answer(id)));
          const timer = setTimeout(end, after);
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            aborted.push(id);
            reject(signal.reason);
          });
        }),
      loads,
      health: new Breakers(clock),
      retries: new RetryBudget(clock),
      hedges,
      prefillOf: () => undefined,
      clock,
      random: () => 0,
    },
  );
  const outcome = await reply.then(
    (value) => (value.kind === "whole" ? value.value.model : ""),
    (error: unknown) => (error as GatewayError).message,
  );
  // Losers end a moment after the winner.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const records = made.call.scope.attempts.map((attempt) => attempt.record());
  return {
    outcome,
    aborted,
    attempts: records.map(({ target, outcome: ended, delivered }) => [target, ended, delivered]),
    notes: made.call.scope.decision?.notes,
  };
};

const always: Hedge = { after: 20, maxShare: 1 };

describe("a hedge", () => {
  test("is not sent where the first answers in time", async () => {
    expect(await run({ "slow/a": { after: 5 } }, { hedge: always })).toMatchObject({
      outcome: "slow/a",
      attempts: [["slow/a", "ok", true]],
    });
  });

  test("wins over a slow first, which is aborted; both stand in the ledger, one is charged", async () => {
    const result = await run({ "slow/a": { after: 5_000 }, "quick/b": { after: 5 } }, { hedge: always });
    expect(result).toMatchObject({
      outcome: "quick/b",
      aborted: ["slow/a"],
      attempts: [
        ["slow/a", "aborted", false],
        ["quick/b", "ok", true],
      ],
    });
  });

  test("loses to a first that answers sooner after all", async () => {
    const result = await run({ "slow/a": { after: 40 }, "quick/b": { after: 5_000 } }, { hedge: always });
    expect(result).toMatchObject({ outcome: "slow/a", aborted: ["quick/b"] });
  });

  test("is waited for where the first fails, and the first where it fails", async () => {
    const first = await run({ "slow/a": { after: 30, fails: true }, "quick/b": { after: 60 } }, { hedge: always });
    expect(first.outcome).toBe("quick/b");
    const second = await run({ "slow/a": { after: 60 }, "quick/b": { after: 5, fails: true } }, { hedge: always });
    expect(second.outcome).toBe("slow/a");
  });

  test("that fails together with the first leaves the others", async () => {
    const behaviour: Behaviour = {
      "slow/a": { after: 30, fails: true },
      "quick/b": { after: 5, fails: true },
      "third/c": { after: 1 },
    };
    const { outcome, attempts } = await run(behaviour, { hedge: always });
    expect(outcome).toBe("third/c");
    expect(attempts.map(([target]) => target)).toEqual(["slow/a", "quick/b", "third/c"]);
  });

  test("keeps to its share of the route's calls", async () => {
    const hedges = new HedgeBudget();
    let sent = 0;
    for (let call = 0; call < 40; call++) {
      const { attempts } = await run(
        { "slow/a": { after: 8 }, "quick/b": { after: 1 } },
        { hedge: { after: 1, maxShare: 0.1 }, hedges },
      );
      sent += attempts.length - 1;
    }
    expect(sent).toBe(4);
  });

  test("after the usual time waits until that is known", async () => {
    const loads = new TargetLoads();
    const hedge: Hedge = { after: "p95", maxShare: 1 };
    const slow: Behaviour = { "slow/a": { after: 60 }, "quick/b": { after: 1 } };
    expect((await run(slow, { hedge, loads })).outcome).toBe("slow/a");
    loads.begin("slow/a");
    for (let count = 0; count < 64; count++) loads.observe("slow/a", 10);
    expect((await run(slow, { hedge, loads })).outcome).toBe("quick/b");
  });

  test("keeps to the same share of the cost, so that a dear target is asked seldom", () => {
    const budget = new HedgeBudget();
    let taken = 0;
    for (let call = 0; call < 100; call++) {
      budget.call("r", 1_000);
      if (budget.take({ route: "r", cost: 10_000, maxShare: 0.5 })) taken += 1;
    }
    // Ten at the start, while nothing is known; then none, for they were worth the whole share.
    expect(taken).toBe(10);
    expect(budget.take({ route: "r", cost: 0, maxShare: 0.5 })).toBe(true);
  });
});

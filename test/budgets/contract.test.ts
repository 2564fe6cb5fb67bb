import { expect, test } from "bun:test";
import type { Budgets, HoldDemand } from "../../src/core/ports/budgets.ts";
import { compileBudgets } from "../../src/limits/budgets/compile-budgets.ts";
import { BudgetKeeper } from "../../src/limits/budgets/keeper.ts";
import { SteadyClock } from "../../src/limits/budgets/steady-clock.ts";
import { FakeLedger, handClock, rulesOf, spenderOf } from "../../src/limits/budgets/testing.ts";
import { type BudgetsService, RemoteBudgets } from "../../src/remote/budgets.ts";
import { openChannel, type Wire } from "../../src/remote/channel.ts";
import { serveBudgets } from "../../src/roles/serve-budgets.ts";
import type { Worker } from "../../src/roles/worker-pool.ts";

type Nobody = Record<never, never>;

/** Two ends of a wire that carries JSON and nothing else. */
const wires = (): readonly [Wire, Wire] => {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []];
  const end = (own: 0 | 1): Wire => ({
    send(message) {
      const text = JSON.stringify(message);
      queueMicrotask(() => {
        for (const listener of listeners[own === 0 ? 1 : 0]) listener(JSON.parse(text));
      });
      return true;
    },
    onMessage: (listener) => void listeners[own].push(listener),
    onClose: () => undefined,
  });
  return [end(0), end(1)];
};

const openKeeper = (ledger = new FakeLedger()): BudgetKeeper => {
  const none = (): void => undefined;
  const clock = new SteadyClock(handClock());
  const keeper = new BudgetKeeper({ ledger, clock, onThreshold: none, onOverrun: none, onUnread: none });
  keeper.configure(compileBudgets(rulesOf({ scope: "everyone", usd: 0.000_05, per: "day" }), new Set()));
  return keeper;
};

/** One asker of budgets that are kept elsewhere. */
const connect = (keeper: BudgetKeeper, patienceMilliseconds = 1_000): Budgets => {
  const [near, far] = wires();
  const onFault = (name: string, error: unknown): void => {
    throw new Error(`${name}: ${error}`);
  };
  openChannel<BudgetsService, Nobody>({ wire: far, onFault }).serve(serveBudgets(keeper, {} as Worker));
  const channel = openChannel<Nobody, BudgetsService>({ wire: near, onFault });
  return new RemoteBudgets({
    "budgets.hold": (demand) => channel.ask("budgets.hold", demand, patienceMilliseconds),
    "budgets.release": (hold) => channel.tell("budgets.release", hold),
    "budgets.settle": (spent) => channel.tell("budgets.settle", spent),
    "budgets.degradation": (query) => channel.ask("budgets.degradation", query, patienceMilliseconds),
    "budgets.list": (query) => channel.ask("budgets.list", query, patienceMilliseconds),
  });
};

let holds = 0;
const demand = (call: string): HoldDemand => ({
  ...{ call, hold: ++holds, startedAt: handClock().wall(), spender: spenderOf(), target: "p/m", amount: 1_000_000 },
});
const heldOf = async (budgets: Budgets): Promise<number> =>
  (await budgets.list({ limit: 1 })).standings[0]?.held ?? Number.NaN;

test.each([
  ["one process", (keeper: BudgetKeeper): readonly Budgets[] => [keeper, keeper]],
  ["two askers of another", (keeper: BudgetKeeper): readonly Budgets[] => [connect(keeper), connect(keeper)]],
])("%s: of many at once as many are held as there is money for, and the rest when some are over", async (_, open) => {
  const keeper = openKeeper();
  const [here, there] = open(keeper) as [Budgets, Budgets];
  const first = await Promise.all(
    Array.from({ length: 200 }, (_one, index) => (index % 2 === 0 ? here : there).hold(demand(`c${index}`))),
  );
  expect(first.filter(({ kind }) => kind === "held").length).toBe(50);
  expect(first.find(({ kind }) => kind === "refused")).toMatchObject({
    shortage: { scope: "everyone", subject: "", limit: 50_000_000, left: 0 },
  });
  const [one, other] = first.flatMap(({ kind }, index) => (kind === "held" ? index : [])) as [number, number];
  for (const index of [one, other])
    (index % 2 === 0 ? here : there).settle({ call: `c${index}`, attempts: [{ target: "p/m", cost: 0 }] });
  const next = await Promise.all(Array.from({ length: 4 }, (_one, index) => here.hold(demand(`d${index}`))));
  expect(next.filter(({ kind }) => kind === "held").length).toBe(2);
  expect(await heldOf(there)).toBe(50_000_000);
});

test("an answer that comes too late leaves nothing held", async () => {
  const ledger = new FakeLedger();
  let proceed: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  ledger.wait = () => gate;
  const keeper = openKeeper(ledger);
  const remote = connect(keeper, 20);
  await expect(Promise.resolve(remote.hold(demand("a")))).rejects.toMatchObject({ code: "storage_unavailable" });
  proceed();
  await Bun.sleep(5);
  expect(await heldOf(keeper)).toBe(0);
  expect(keeper.open).toBe(0);
});

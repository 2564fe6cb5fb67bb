import { describe, expect, test } from "bun:test";
import { chooseSeed, SeededRandom } from "../../../test/support/seeded-random.ts";
import type { HoldAnswer, HoldDemand, Spender } from "../../core/ports/budgets.ts";
import { compileBudgets, modelOf } from "./compile-budgets.ts";
import { BudgetKeeper, type Overrun, type PassedThreshold } from "./keeper.ts";
import { SteadyClock } from "./steady-clock.ts";
import { FakeLedger, handClock, rulesOf, spenderOf } from "./testing.ts";

const noon = Date.UTC(2026, 10, 25, 12);
const day = 86_400_000;
const routes = new Set(["r", "cheap"]);

const open = (rules: readonly object[], ledger = new FakeLedger()) => {
  const clock = handClock(noon);
  const passed: PassedThreshold[] = [];
  const overruns: Overrun[] = [];
  const unread: unknown[] = [];
  const steady = new SteadyClock(clock);
  const keeper = new BudgetKeeper({
    ledger,
    clock: steady,
    onThreshold: (one) => passed.push(one),
    onOverrun: (one) => overruns.push(one),
    onUnread: (error) => unread.push(error),
  });
  const configure = (next: readonly object[]): void => keeper.configure(compileBudgets(rulesOf(...next), routes));
  configure(rules);
  return { keeper, ledger, clock, steady, passed, overruns, unread, configure };
};

let holds = 0;
const demand = (call: string, amount: number, fields: Partial<HoldDemand> = {}): HoldDemand => ({
  call,
  hold: ++holds,
  startedAt: noon,
  spender: spenderOf(),
  target: "p/m",
  amount,
  ...fields,
});
const usd = (amount: number): number => amount * 1e12;
const kindOf = async (answer: HoldAnswer | Promise<HoldAnswer>): Promise<string> => (await answer).kind;
const standing = async (keeper: BudgetKeeper) => (await keeper.list({ limit: 100 })).standings;
const left = async (keeper: BudgetKeeper) =>
  (await standing(keeper)).map(({ subject, spent, held }) => [subject, spent / 1e12, held / 1e12] as const);

describe("holds", () => {
  test("as much is held as there is, to the last picodollar, and not one more", async () => {
    const { keeper } = open([{ scope: "everyone", usd: 1, per: "day" }]);
    expect(await kindOf(keeper.hold(demand("a", usd(1) - 1)))).toBe("held");
    expect(await kindOf(keeper.hold(demand("b", 2)))).toBe("refused");
    expect(await kindOf(keeper.hold(demand("c", 1)))).toBe("held");
    expect(await kindOf(keeper.hold(demand("d", 1)))).toBe("refused");
    expect(await kindOf(keeper.hold(demand("e", 0)))).toBe("held");
  });

  test("settlement takes the place of all holds of a call; release gives one back", async () => {
    const { keeper } = open([{ scope: "key", usd: 1, per: "day" }]);
    await keeper.hold(demand("a", usd(0.4)));
    const second = demand("a", usd(0.4));
    await keeper.hold(second);
    expect(await left(keeper)).toEqual([["k", 0, 0.8]]);
    keeper.release(second);
    expect(await left(keeper)).toEqual([["k", 0, 0.4]]);
    keeper.settle({ call: "a", attempts: [{ target: "p/m", cost: usd(0.1) }] });
    expect(await left(keeper)).toEqual([["k", 0.1, 0]]);
    keeper.settle({ call: "a", attempts: [{ target: "p/m", cost: usd(0.1) }] });
    expect(await left(keeper)).toEqual([["k", 0.1, 0]]);
    expect(keeper.open).toBe(0);
  });

  test("a refusal by one budget takes nothing from the others, and names the one that has least left", async () => {
    const { keeper } = open([
      { scope: "everyone", usd: 10, per: "month" },
      { scope: "team", match: "small", usd: 1, per: "day" },
    ]);
    await keeper.hold(demand("a", usd(0.7), { spender: spenderOf({ team: "small" }) }));
    const answer = await keeper.hold(demand("b", usd(0.5), { spender: spenderOf({ team: "small" }) }));
    expect(answer).toMatchObject({ kind: "refused", shortage: { scope: "team", subject: "small", left: usd(0.3) } });
    expect(await left(keeper)).toEqual([
      ["", 0, 0.7],
      ["small", 0, 0.7],
    ]);
  });

  test("two budgets that look at one sum count it once; models are known by name and by target", async () => {
    const { keeper } = open([
      { scope: "key", usd: 1, per: "day" },
      { scope: "key", match: "k", usd: 0.5, per: "day" },
      { scope: "model", match: ["p/m", "other"], usd: 1, per: "day" },
      { scope: "model", usd: 2, per: "ever" },
    ]);
    expect(await kindOf(keeper.hold(demand("a", usd(0.4))))).toBe("held");
    expect(await kindOf(keeper.hold(demand("b", usd(0.2))))).toBe("refused");
    expect(
      await kindOf(keeper.hold(demand("c", usd(0.2), { spender: spenderOf({ keyId: null }), target: "q/m" }))),
    ).toBe("held");
    expect(await left(keeper)).toEqual([
      ["k", 0, 0.4],
      ["none", 0, 0.2],
      ["k", 0, 0.4],
      ["other", 0, 0],
      ["p/m", 0, 0.4],
      ["m", 0, expect.closeTo(0.6, 9)],
    ]);
  });

  test("teams of the same name in two tenants share no money, before a restart and after it", async () => {
    const rules = [{ scope: "team", match: "red", usd: 1, per: "day" }];
    const { keeper, ledger } = open(rules);
    const acme = spenderOf({ tenant: "acme", team: "red" });
    const own = spenderOf({ team: "red" });
    for (const [call, spender] of [
      ["a", acme],
      ["b", own],
    ] as const) {
      expect(await kindOf(keeper.hold(demand(call, usd(0.75), { spender })))).toBe("held");
      expect(await kindOf(keeper.hold(demand("x", usd(0.75), { spender })))).toBe("refused");
      ledger.dispatch({ call, startedAt: noon, spender }, { target: "p/m", cost: usd(0.75) });
      keeper.settle({ call, attempts: ledger.settle(call, [usd(call === "a" ? 0.5 : 0.25)]) });
    }
    const sums = [
      ["acme/red", 0.5, 0],
      ["red", 0.25, 0],
    ];
    expect(await left(keeper)).toEqual(sums as never);
    expect(await left(open(rules, ledger).keeper)).toEqual(sums as never);
    expect(await left(open([{ ...rules[0], match: "acme/red" }], ledger).keeper)).toEqual([sums[0]] as never);
  });

  test("sums beyond what a number holds stay exact", async () => {
    const ledger = new FakeLedger();
    for (let place = 0; place < 20; place++) {
      ledger.dispatch(
        { call: `c${place}`, startedAt: noon, spender: spenderOf() },
        { target: "p/m", cost: usd(9_000) },
      );
      ledger.interrupt(`c${place}`);
    }
    const { keeper } = open([{ scope: "everyone", usd: 180_000.000_001, per: "ever" }], ledger);
    expect(await kindOf(keeper.hold(demand("a", 1_000_001)))).toBe("refused");
    expect(await kindOf(keeper.hold(demand("a", 999_999)))).toBe("held");
    expect(await kindOf(keeper.hold(demand("b", 1)))).toBe("held");
    expect(await kindOf(keeper.hold(demand("c", 1)))).toBe("refused");
  });
});

describe("periods", () => {
  test("a call counts in the period in which it began; the next begins at nothing", async () => {
    const { keeper, clock, ledger } = open([{ scope: "everyone", usd: 1, per: "day" }]);
    await keeper.hold(demand("a", usd(1)));
    clock.pass(day / 2 + 1);
    expect(await kindOf(keeper.hold(demand("b", usd(0.1))))).toBe("refused");
    expect(await kindOf(keeper.hold(demand("c", usd(1), { startedAt: noon + day / 2 })))).toBe("held");
    expect(await left(keeper)).toEqual([["", 0, 1]]);
    expect(ledger.reads).toBe(1);
  });

  test("what the ledger has of a period that is not in memory is read before anything is held", async () => {
    const ledger = new FakeLedger();
    ledger.dispatch({ call: "x", startedAt: noon - day, spender: spenderOf() }, { target: "p/m", cost: usd(0.9) });
    ledger.interrupt("x");
    const { keeper } = open([{ scope: "everyone", usd: 1, per: "day" }], ledger);
    expect(await kindOf(keeper.hold(demand("a", usd(0.2), { startedAt: noon - day })))).toBe("refused");
    expect(await kindOf(keeper.hold(demand("b", usd(0.2))))).toBe("held");
  });

  test("while the ledger cannot be read nothing is held, and nothing is guessed", async () => {
    const ledger = new FakeLedger();
    ledger.isBroken = true;
    const { keeper, unread } = open([{ scope: "everyone", usd: 1, per: "day" }], ledger);
    await expect(Promise.resolve(keeper.hold(demand("a", 1)))).rejects.toThrow("broken");
    expect(unread.length).toBe(1);
    ledger.isBroken = false;
    expect(await kindOf(keeper.hold(demand("a", 1)))).toBe("held");
  });
});

describe("a clock that is set", () => {
  const late = (): number => noon + 11.5 * 3_600_000;
  const hour = 3_600_000;
  /** Half an hour before midnight, with nothing left. */
  const spentOut = async () => {
    const opened = open([{ scope: "everyone", usd: 1, per: "day" }]);
    opened.clock.pass(late() - noon);
    await opened.keeper.hold(demand("a", usd(1), { startedAt: opened.steady.now() }));
    const hold = (): Promise<string> => kindOf(opened.keeper.hold(demand("b", 1, { startedAt: opened.steady.now() })));
    expect(await hold()).toBe("refused");
    return { ...opened, hold };
  };

  test("forward by an hour begins no day before its time", async () => {
    const { clock, hold } = await spentOut();
    clock.set(hour);
    expect(await hold()).toBe("refused");
    clock.pass(hour / 2 - 1);
    expect(await hold()).toBe("refused");
    clock.pass(1);
    expect(await hold()).toBe("held");
  });

  test("back by an hour neither gives the day before back nor makes this one longer", async () => {
    const { clock, hold } = await spentOut();
    clock.set(-hour);
    expect(await hold()).toBe("refused");
    clock.pass(hour / 2);
    expect(await hold()).toBe("held");
    clock.set(-hour);
    expect(await hold()).toBe("held");
  });

  test("a start after the clock was set back goes on where the ledger is", async () => {
    const ledger = new FakeLedger();
    ledger.dispatch({ call: "x", startedAt: noon + day, spender: spenderOf() }, { target: "p/m", cost: usd(1) });
    ledger.interrupt("x");
    const { keeper, steady } = open([{ scope: "everyone", usd: 1, per: "day" }], ledger);
    await standing(keeper);
    expect(steady.now()).toBe(noon + day);
    expect(await kindOf(keeper.hold(demand("b", 1, { startedAt: steady.now() })))).toBe("refused");
  });
});

describe("what is told", () => {
  test("each threshold once in a period, and none that was passed before the start", async () => {
    const ledger = new FakeLedger();
    ledger.dispatch({ call: "x", startedAt: noon, spender: spenderOf() }, { target: "p/m", cost: usd(0.5) });
    ledger.interrupt("x");
    const { keeper, passed } = open([{ scope: "key", usd: 1, per: "day", alertAt: [0.5, 0.6, 0.8, 1] }], ledger);
    const spend = async (call: string, amount: number): Promise<void> => {
      await keeper.hold(demand(call, usd(0.2)));
      keeper.settle({ call, attempts: [{ target: "p/m", cost: usd(amount) }] });
    };
    await spend("a", 0.05);
    expect(passed).toEqual([]);
    await spend("b", 0.05);
    await spend("c", 0.2);
    await spend("d", 0);
    expect(passed.map(({ threshold, call }) => [call, threshold])).toEqual([
      ["b", 0.6],
      ["c", 0.8],
    ]);
  });

  test("a cost above its hold is counted as it is, and told of", async () => {
    const { keeper, overruns } = open([{ scope: "everyone", usd: 1, per: "day" }]);
    await keeper.hold(demand("a", usd(0.1)));
    keeper.settle({ call: "a", attempts: [{ target: "p/m", cost: usd(0.3) }] });
    expect(overruns).toEqual([{ call: "a", target: "p/m", spent: 300_000_000_000n, held: 100_000_000_000n }]);
    expect(await left(keeper)).toEqual([["", 0.3, 0]]);
  });

  test("a forecast goes on at the pace so far", async () => {
    const { keeper } = open([{ scope: "everyone", usd: 1, per: "day" }]);
    await keeper.hold(demand("a", usd(0.8)));
    keeper.settle({ call: "a", attempts: [{ target: "p/m", cost: usd(0.8) }] });
    const [one] = await standing(keeper);
    expect(one?.forecast).toBe(usd(1.6));
    expect(one?.runsOutAt).toBe(noon - day / 2 + day / 2 / 0.8);
  });

  test("pages go on where the last one ended", async () => {
    const { keeper } = open([
      { scope: "key", usd: 1, per: "day" },
      { scope: "everyone", usd: 1, per: "ever" },
    ]);
    for (const keyId of ["c", "a", "b"]) await keeper.hold(demand(keyId, 1, { spender: spenderOf({ keyId }) }));
    const first = await keeper.list({ limit: 2 });
    expect([first.more, first.standings.map(({ subject }) => subject)]).toEqual([true, ["a", "b"]]);
    const rest = await keeper.list({ limit: 2, after: { budget: 0, subject: "b" } });
    expect([rest.more, rest.standings.map(({ subject }) => subject)]).toEqual([false, ["c", ""]]);
  });
});

describe("degradation", () => {
  test("from its share on, what is held included", async () => {
    const rules = [{ scope: "key", usd: 1, per: "day", whenSpent: { degradeTo: "cheap", at: 0.5 } }];
    const { keeper } = open(rules);
    const query = { startedAt: noon, spender: spenderOf(), targets: ["p/m"] };
    expect(await keeper.degradation(query)).toBeNull();
    await keeper.hold(demand("a", usd(0.5)));
    expect(await keeper.degradation(query)).toMatchObject({ route: "cheap" });
    expect(await keeper.degradation({ ...query, spender: spenderOf({ keyId: "other" }) })).toBeNull();
  });
});

describe("whoever vanishes", () => {
  const settled = async (keeper: BudgetKeeper): Promise<void> => {
    const until = performance.now() + 5_000;
    while (keeper.open > 0 && performance.now() < until) await Bun.sleep(5);
  };

  test("its holds stay until its journal says what became of them", async () => {
    const { keeper, ledger } = open([{ scope: "everyone", usd: 10, per: "day" }]);
    const asker = {};
    const spender = spenderOf();
    for (const call of ["settled", "open", "never"]) await keeper.hold(demand(call, usd(1)), asker);
    for (const call of ["settled", "open"])
      ledger.dispatch({ call, startedAt: noon, spender }, { target: "p/m", cost: usd(1) });
    ledger.settle("settled", [usd(0.2)]);
    keeper.leave(asker);
    await Bun.sleep(0);
    expect(await left(keeper)).toEqual([["", 0.2, 1]]);
    ledger.interrupt("open");
    await settled(keeper);
    expect(await left(keeper)).toEqual([["", 1.2, 0]]);
    // What is read after its end.
    await keeper.hold(demand("late", usd(1)), asker);
    await settled(keeper);
    expect(await left(keeper)).toEqual([["", 1.2, 0]]);
    keeper.close();
  });

  test("one asker cannot end what another holds", async () => {
    const { keeper } = open([{ scope: "everyone", usd: 1, per: "day" }]);
    const one = demand("a", usd(1));
    await keeper.hold(one, {});
    keeper.release(one, {});
    keeper.settle({ call: "a", attempts: [] }, {});
    expect(await left(keeper)).toEqual([["", 0, 1]]);
  });

  test("calls that were dispatched before there was a budget are counted at their worst case, then as they end", async () => {
    const { keeper, ledger, configure } = open([]);
    ledger.dispatch({ call: "a", startedAt: noon, spender: spenderOf() }, { target: "p/m", cost: usd(0.6) });
    configure([{ scope: "everyone", usd: 1, per: "day" }]);
    expect(await left(keeper)).toEqual([["", 0, 0.6]]);
    expect(await kindOf(keeper.hold(demand("b", usd(0.5))))).toBe("refused");
    // It goes on under the budget: from now on its process tells of it.
    expect(await kindOf(keeper.hold(demand("a", usd(0.3))))).toBe("held");
    keeper.settle({
      call: "a",
      attempts: [
        { target: "p/m", cost: usd(0.1) },
        { target: "p/m", cost: usd(0.1) },
      ],
    });
    expect(await left(keeper)).toEqual([["", 0.2, 0]]);
    keeper.close();
  });

  test("a limit that is changed meets the sums of before; a budget on something else is read", async () => {
    const { keeper, ledger, configure } = open([{ scope: "everyone", usd: 1, per: "day" }]);
    await keeper.hold(demand("a", usd(0.9)));
    ledger.dispatch({ call: "a", startedAt: noon, spender: spenderOf() }, { target: "p/m", cost: usd(0.9) });
    configure([{ scope: "everyone", usd: 2, per: "day" }]);
    expect(ledger.reads).toBe(1);
    expect(await kindOf(keeper.hold(demand("b", usd(1))))).toBe("held");
    ledger.dispatch({ call: "b", startedAt: noon, spender: spenderOf() }, { target: "p/m", cost: usd(1) });
    configure([{ scope: "key", usd: 2, per: "week" }]);
    expect(await left(keeper)).toEqual([["k", 0, 1.9]]);
  });
});

describe("any order of events", () => {
  const targets = ["p/m", "p/n", "q/m"];
  const rules = [
    { scope: "everyone", usd: 8, per: "day" },
    { scope: "key", usd: 3, per: "day" },
    { scope: "team", match: "t1", usd: 4, per: "week" },
    { scope: "model", match: ["m", "p/n"], usd: 4, per: "month" },
  ];

  /** What is really exposed: what calls cost, and of those that are open the most that they may. */
  const exposed = (ledger: FakeLedger) => ({
    everyone: ledger.spent(() => true),
    keys: ["k1", "k2"].map((key) => ledger.spent(({ spender }) => spender.keyId === key)),
    team: ledger.spent(({ spender }) => spender.team === "t1"),
    m: ledger.spent((_, target) => modelOf(target) === "m"),
    n: ledger.spent((_, target) => target === "p/n"),
  });

  test("never exceeds a limit, loses nothing, and ends with the ledger's sums", async () => {
    const seed = chooseSeed(process.env["SEED"]);
    console.log(`seed ${seed}`);
    const random = new SeededRandom(seed);
    for (let round = 0; round < 40; round++) {
      const ledger = new FakeLedger();
      ledger.wait = async () => {
        for (let turn = random.between(0, 6); turn > 0; turn--) await Promise.resolve();
        if (random.next() < 0.2) await Bun.sleep(0);
      };
      const { keeper, configure } = open(rules, ledger);
      const check = (): void => {
        const { everyone, keys, team, m, n } = exposed(ledger);
        expect(everyone).toBeLessThanOrEqual(usd(8));
        for (const key of keys) expect(key).toBeLessThanOrEqual(usd(3));
        for (const one of [team, m, n]) expect(one).toBeLessThanOrEqual(usd(4));
      };
      let askers = [{}, {}];
      const one = async (id: number): Promise<void> => {
        const asker = random.pick(askers);
        const isHere = (): boolean => askers.includes(asker);
        const spender: Spender = spenderOf({
          keyId: random.pick(["k1", "k2"]),
          team: random.pick(["t1", "t2", null]),
        });
        const call = `c${round}-${id}`;
        const worst: number[] = [];
        for (let tries = random.between(1, 4); tries > 0; tries--) {
          if (random.next() < 0.5) await Bun.sleep(0);
          if (!isHere()) return;
          const next = demand(call, random.between(1, usd(0.7)), { spender, target: random.pick(targets) });
          const answer = await keeper.hold(next, asker);
          if (answer.kind === "refused" || !isHere()) continue;
          if (random.next() < 0.1) keeper.release(next, asker);
          else {
            ledger.dispatch({ call, startedAt: noon, spender }, { target: next.target, cost: next.amount });
            worst.push(next.amount);
          }
          check();
        }
        if (random.next() < 0.7) await Bun.sleep(0);
        if (!isHere()) return;
        const attempts = ledger.settle(
          call,
          worst.map((amount) => random.between(0, amount)),
        );
        // Its process dies between the journal and the word.
        if (random.next() < 0.9) keeper.settle({ call, attempts }, asker);
        else stranded.push(asker);
      };
      const stranded: object[] = [];
      const kill = (asker: object): void => {
        askers = [...askers.filter((other) => other !== asker), {}];
        keeper.leave(asker);
      };
      const calls = Array.from({ length: 60 }, (_, id) => one(id));
      for (let change = 0; change < 4; change++) {
        await Bun.sleep(0);
        check();
        if (random.next() < 0.5) configure(random.next() < 0.5 ? rules : rules.toReversed());
        if (random.next() < 0.3) kill(random.pick(askers));
      }
      await Promise.all(calls);
      for (const asker of [...askers, ...stranded]) keeper.leave(asker);
      for (const entry of ledger.entries.values()) if (entry.state === "open") ledger.interrupt(entry.call);
      const until = performance.now() + 5_000;
      while (keeper.open > 0 && performance.now() < until) await Bun.sleep(2);
      expect(keeper.open).toBe(0);
      configure(rules);
      check();
      const { everyone, keys, team, m, n } = exposed(ledger);
      const sums = new Map(
        (await standing(keeper)).map(({ scope, subject, spent, held }) => [`${scope} ${subject}`, spent + held]),
      );
      expect([...sums].filter(([, sum]) => sum > 0).toSorted()).toEqual(
        Object.entries({
          "everyone ": everyone,
          "key k1": keys[0] as number,
          "key k2": keys[1] as number,
          "team t1": team,
          "model m": m,
          "model p/n": n,
        })
          .filter(([, sum]) => sum > 0)
          .toSorted(),
      );
      keeper.close();
    }
  }, 60_000);
});

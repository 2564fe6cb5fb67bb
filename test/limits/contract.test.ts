import { expect, test } from "bun:test";
import { CountedLimits } from "../../src/limits/counted-limits.ts";
import { SharedLimits } from "../../src/limits/shared-limits.ts";
import { openChannel, type Wire } from "../../src/remote/channel.ts";
import { type LimitsService, RemoteLimits } from "../../src/remote/limits.ts";
import { describeLimits } from "../contracts/limits.ts";

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

/** One asker of counters that are kept elsewhere. */
const connect = (limits: SharedLimits<object>, patienceMilliseconds = 1_000) => {
  const [near, far] = wires();
  const asker = {};
  const onFault = (name: string, error: unknown): void => {
    throw new Error(`${name}: ${error}`);
  };
  openChannel<LimitsService, Nobody>({ wire: far, onFault }).serve({
    "limits.reserve": (demand) => limits.reserve(asker, demand),
    "limits.settle": (settlement) => limits.settle(asker, settlement),
    "limits.release": ({ id }) => limits.release(asker, id),
  });
  const channel = openChannel<Nobody, LimitsService>({ wire: near, onFault });
  const remote = new RemoteLimits({
    "limits.reserve": (demand) => channel.ask("limits.reserve", demand, patienceMilliseconds),
    "limits.settle": (settlement) => channel.tell("limits.settle", settlement),
    "limits.release": (question) => channel.tell("limits.release", question),
  });
  return { remote, asker };
};

describeLimits("limits of one process", (clock) => {
  const limits = new CountedLimits(clock);
  return { here: limits, there: limits, heard: async () => undefined };
});

describeLimits("limits that another process keeps", (clock) => {
  const shared = new SharedLimits<object>(clock);
  return { here: connect(shared).remote, there: connect(shared).remote, heard: () => Bun.sleep(0) };
});

const one = (id: string) => ({
  id,
  tokens: 5,
  claims: [
    { scope: "everyone", subject: "", windowMilliseconds: 0, concurrent: 1 },
    { scope: "everyone", subject: "", windowMilliseconds: 60_000, tokens: 8 },
  ] as const,
});

test("an asker that vanishes has nothing open any more, and what it took stays counted", async () => {
  const shared = new SharedLimits<object>({ monotonic: () => 0 });
  const [first, second] = [connect(shared), connect(shared)];
  expect((await first.remote.reserve(one("a"))).kind).toBe("granted");
  expect(await second.remote.reserve(one("b"))).toMatchObject({ kind: "refused" });
  shared.leave(first.asker);
  expect(await second.remote.reserve(one("b"))).toMatchObject({ kind: "refused", amount: "tokens" });
  expect(await second.remote.reserve({ ...one("c"), tokens: 3 })).toMatchObject({ kind: "granted" });
  // A question that is read after the asker's end leaves nothing open either.
  second.remote.release("c");
  await Bun.sleep(0);
  expect((await first.remote.reserve({ ...one("d"), tokens: 0 })).kind).toBe("granted");
  expect((await second.remote.reserve({ ...one("e"), tokens: 0 })).kind).toBe("granted");
});

test("one asker cannot end what another has reserved", async () => {
  const shared = new SharedLimits<object>({ monotonic: () => 0 });
  const [first, second] = [connect(shared), connect(shared)];
  await first.remote.reserve(one("a"));
  second.remote.release("a");
  second.remote.settle({ id: "a", tokens: 0, unused: [] });
  await Bun.sleep(0);
  expect((await second.remote.reserve({ ...one("b"), tokens: 0 })).kind).toBe("refused");
});

test("an answer that comes too late leaves nothing reserved", async () => {
  const shared = new CountedLimits({ monotonic: () => 0 });
  let answer: () => void = () => undefined;
  const remote = new RemoteLimits({
    "limits.reserve": async (demand) => {
      answer = () => void shared.reserve(demand);
      throw new Error("late");
    },
    "limits.settle": (settlement) => shared.settle(settlement),
    "limits.release": ({ id }) => {
      answer();
      shared.release(id);
    },
  });
  await expect(remote.reserve(one("a"))).rejects.toThrow("late");
  expect(shared.open).toBe(0);
  expect(shared.reserve(one("b")).kind).toBe("granted");
});

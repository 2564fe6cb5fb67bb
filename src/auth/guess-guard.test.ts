import { describe, expect, test } from "bun:test";
import { parseAddress } from "../core/address-range.ts";
import { GatewayError } from "../core/errors.ts";
import { GuessCounters } from "./guess-counters.ts";
import { createGuessGuard } from "./guess-guard.ts";

const refusal = new GatewayError("invalid_api_key", "no");

const setUp = (settings = { perAddress: 20, inAll: 1_000 }) => {
  let elapsed = 0;
  const slept: number[] = [];
  const waiting: (() => void)[] = [];
  const guard = createGuessGuard({
    settings: () => settings,
    guesses: new GuessCounters({ monotonic: () => elapsed }),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  const fail = (address: string) => guard.failed(parseAddress(address), refusal);
  const wake = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await Bun.sleep(0);
  };
  const times = (count: number, address = "203.0.113.9") => Array.from({ length: count }, () => fail(address));
  const pass = (milliseconds: number): void => {
    elapsed += milliseconds;
  };
  return { fail, times, wake, slept, pass };
};

describe("failures to authenticate", () => {
  test("are answered as they are until there are too many; then late, ever later, and with 429", async () => {
    const { fail, times, wake, slept } = setUp();
    expect(times(20).every((answer) => answer === refusal)).toBe(true);
    const answers: unknown[] = [];
    for (let count = 0; count < 130; count++) {
      const answer = fail("203.0.113.9");
      await wake();
      answers.push(await answer);
    }
    expect(new Set(answers.map((answer) => (answer as GatewayError).code))).toEqual(new Set(["rate_limit_exceeded"]));
    expect(new Set(answers.map((answer) => (answer as GatewayError).message)).size).toBe(1);
    expect(slept[0]).toBeLessThan(slept[5] as number);
    expect(slept.at(-1)).toBe(2_000);
    const waits = answers.map((answer) => (answer as GatewayError).retryAfterMilliseconds as number);
    expect(waits[0]).toBeLessThan(waits.at(-1) as number);
    expect(Math.max(...waits)).toBe(60_000);
  });

  test("count for their address, and a network of IPv6 is one", () => {
    const { times, fail } = setUp();
    times(25);
    expect(fail("203.0.113.10")).toBe(refusal);
    expect(fail("::ffff:203.0.113.9")).not.toBe(refusal);
    for (let host = 1; host <= 20; host++) expect(fail(`2001:db8::${host}`)).toBe(refusal);
    expect(fail("2001:db8::ffff:1")).not.toBe(refusal);
    expect(fail("2001:db8:0:1::1")).toBe(refusal);
  });

  test("of many addresses together count, too", () => {
    const { fail } = setUp({ perAddress: 20, inAll: 50 });
    const answers = Array.from({ length: 60 }, (_, index) => fail(`10.0.${index}.1`));
    expect(answers.filter((answer) => answer === refusal)).toHaveLength(50);
  });

  test("are forgotten after two minutes, and little by little before", () => {
    const { times, fail, pass } = setUp();
    times(40);
    pass(61_000);
    expect(fail("203.0.113.9")).not.toBe(refusal);
    pass(58_000);
    expect(fail("203.0.113.9")).toBe(refusal);
    times(40);
    pass(120_000);
    expect(fail("203.0.113.9")).toBe(refusal);
  });

  test("are counted elsewhere where several processes share the count", async () => {
    let count = 0;
    const guard = createGuessGuard({
      settings: () => ({ perAddress: 2, inAll: 1_000 }),
      guesses: { note: async () => ({ ofAddress: ++count, inAll: 0 }) },
      sleep: async () => undefined,
    });
    const codes: string[] = [];
    for (let times = 0; times < 3; times++) codes.push((await guard.failed(undefined, refusal)).code);
    expect(codes).toEqual(["invalid_api_key", "invalid_api_key", "rate_limit_exceeded"]);
  });

  test("hold no more than so many answers back", async () => {
    const { times, wake } = setUp();
    times(20);
    const held = times(40);
    expect(held.filter((answer) => answer instanceof Promise)).toHaveLength(16);
    await wake();
    expect(times(1)[0]).toBeInstanceOf(Promise);
  });
});

import { describe, expect, test } from "bun:test";
import { RetryBudget } from "./retry-budget.ts";

const create = () => {
  let now = 0;
  const budget = new RetryBudget({ monotonic: () => now });
  const takeAll = (): number => {
    let taken = 0;
    while (taken < 10_000 && budget.take()) taken += 1;
    return taken;
  };
  return { budget, takeAll, wait: (milliseconds: number) => (now += milliseconds) };
};

describe("RetryBudget", () => {
  test("a quiet gateway may try a few times", () => {
    expect(create().takeAll()).toBe(3);
  });

  test("a busy one a tenth of its calls", () => {
    const { budget, takeAll } = create();
    for (let call = 0; call < 1_000; call++) budget.call();
    expect(takeAll()).toBe(100);
    expect(takeAll()).toBe(0);
  });

  test("the window slides: what was long ago counts no more", () => {
    const { budget, takeAll, wait } = create();
    for (let call = 0; call < 1_000; call++) budget.call();
    wait(5_000);
    expect(takeAll()).toBe(100);
    wait(5_000);
    // The calls have left the window, the tries have not.
    expect(takeAll()).toBe(0);
    wait(5_000);
    expect(takeAll()).toBe(3);
    wait(1_000_000);
    expect(takeAll()).toBe(3);
  });

  test("over a long storm no more than a tenth is added", () => {
    const { budget, wait } = create();
    let tries = 0;
    for (let call = 0; call < 20_000; call++) {
      budget.call();
      wait(1);
      while (budget.take()) tries += 1;
    }
    expect(tries).toBeLessThanOrEqual(20_000 * 0.1 + 3);
    expect(tries).toBeGreaterThan(1_500);
  });
});

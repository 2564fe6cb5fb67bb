import { expect, test } from "bun:test";
import { chooseSeed, SeededRandom } from "../../../test/support/seeded-random.ts";
import { ExactSum } from "./exact-sum.ts";

const most = Number.MAX_SAFE_INTEGER;

test.each([
  ["nothing", [], 0n, 0],
  ["what a number holds", [most - 1, 1], BigInt(most), most],
  ["one more than that", [most, 1], BigInt(most) + 1n, Number.NaN],
  ["what goes back again", [most, most, -most, -most, 7], 7n, Number.NaN],
  ["below nothing", [-5, 2], -3n, -3],
  ["an amount that is too large itself", [2 ** 60, 3], 2n ** 60n + 3n, Number.NaN],
])("%s", (_, amounts, value, exact) => {
  const sum = new ExactSum();
  for (const amount of amounts) sum.add(amount);
  expect([sum.value, sum.exact]).toEqual([value, exact]);
});

test("what was large from the beginning is added exactly", () => {
  const sum = new ExactSum();
  sum.addLarge(5n);
  sum.add(most);
  expect(sum.value).toBe(BigInt(most) + 5n);
});

test("any amounts, in any order", () => {
  const seed = chooseSeed(process.env["SEED"]);
  console.log(`seed ${seed}`);
  const random = new SeededRandom(seed);
  for (let round = 0; round < 200; round++) {
    const sum = new ExactSum();
    let truth = 0n;
    for (let step = 0; step < 50; step++) {
      const amount = (random.next() < 0.5 ? -1 : 1) * random.between(0, random.next() < 0.5 ? 1_000 : most);
      if (random.next() < 0.1) sum.addLarge(BigInt(amount));
      else sum.add(amount);
      truth += BigInt(amount);
      expect(sum.value).toBe(truth);
      if (!Number.isNaN(sum.exact)) expect(BigInt(sum.exact)).toBe(truth);
    }
  }
});

import { describe, expect, test } from "bun:test";
import { drainBatches } from "./batches.ts";

/** An iterator that can only be pulled; a number dies. */
const open = (steps: readonly (string | number)[], fullAt = "") => {
  const told: string[] = [];
  let asked = 0;
  const source = {
    async next(): Promise<IteratorResult<readonly string[]>> {
      const step = steps[asked++];
      if (typeof step === "number") throw new Error(String(step));
      return step === undefined ? { done: true, value: undefined } : { done: false, value: [step] };
    },
    async return(): Promise<IteratorResult<readonly string[]>> {
      told.push("RETURN");
      return { done: true, value: undefined };
    },
  };
  const flow = drainBatches<string>(source, {
    push([piece = ""]) {
      told.push(piece);
      return piece !== fullAt;
    },
    end: () => told.push("END"),
    fail: (thrown) => told.push(`FAIL ${(thrown as Error).message}`),
  });
  return { told, flow, asked: () => asked };
};

describe("a stream that can only be pulled", () => {
  test("is pushed to its end, never at once", async () => {
    const { told } = open(["a", "b"]);
    expect(told).toEqual([]);
    await Bun.sleep(0);
    expect(told).toEqual(["a", "b", "END"]);
  });

  test("is asked for nothing while the sink is full", async () => {
    const { told, flow, asked } = open(["a", "b", "c"], "b");
    await Bun.sleep(0);
    expect([told, asked()]).toEqual([["a", "b"], 2]);
    flow.resume();
    flow.resume();
    await Bun.sleep(0);
    expect(told).toEqual(["a", "b", "c", "END"]);
  });

  test("tells what it died of", async () => {
    const { told } = open(["a", 1]);
    await Bun.sleep(0);
    expect(told).toEqual(["a", "FAIL 1"]);
  });

  test("tells nothing more once it is called off", async () => {
    const { told, flow } = open(["a"]);
    flow.cancel();
    flow.cancel();
    await Bun.sleep(0);
    expect(told).toEqual(["RETURN"]);
  });
});

import { describe, expect, test } from "bun:test";
import { behaviourOf, faultKinds } from "./behaviour.ts";

describe("a model's name", () => {
  test.each([...faultKinds])("asks for %s", (kind) => {
    const { fault } = behaviourOf(`${kind.replace("N", "7")}--t1`);
    expect(fault).toEqual({ kind, amount: kind.includes("N") ? 7 : 0 });
  });

  test("may ask for several things", () => {
    expect(behaviourOf("status-429-retry-2--first-1--pace-30--differs--prefill-echo--t1")).toMatchObject({
      fault: { kind: "status-N", amount: 429, retry: { form: "retry", amount: 2 } },
      firstOnly: 1,
      paceMilliseconds: 30,
      differs: true,
      prefill: "echoed",
    });
  });

  test("that asks for what does not exist is refused rather than ignored", () => {
    expect(() => behaviourOf("cut-at-x--t1")).toThrow("cut-at-x");
  });

  test("whose last segment only makes it unique asks for nothing", () => {
    expect(behaviourOf("r1c1t0").fault.kind).toBe("none");
  });
});

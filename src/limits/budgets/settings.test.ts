import { describe, expect, test } from "bun:test";
import { amountOf } from "./compile-budgets.ts";
import { budgetsSchema } from "./settings.ts";

const budget = { scope: "key", usd: 10, per: "day" };

test("what is not said is: no alerts, and a stop", () => {
  expect(budgetsSchema.parse([budget])).toEqual([{ ...budget, alertAt: [], whenSpent: "stop" }] as never);
  expect(budgetsSchema.parse([{ ...budget, usd: 0 }])[0]?.usd).toBe(0);
  expect(budgetsSchema.parse([{ ...budget, whenSpent: { degradeTo: "cheap" } }])[0]?.whenSpent).toEqual({
    degradeTo: "cheap",
    at: 0.8,
  });
});

describe("is refused, with its path", () => {
  const cases: readonly (readonly [fields: object, path: string])[] = [
    [{ usd: -1 }, "usd"],
    [{ usd: Number.NaN }, "usd"],
    [{ usd: Number.POSITIVE_INFINITY }, "usd"],
    [{ usd: "10" }, "usd"],
    [{ usd: undefined }, "usd"],
    [{ per: "minute" }, "per"],
    [{ per: undefined }, "per"],
    [{ scope: "user" }, "scope"],
    [{ scope: "everyone", match: "x" }, "match"],
    [{ match: [] }, "match"],
    [{ alertAt: [0.5, 1.5] }, "alertAt.1"],
    [{ alertAt: [0] }, "alertAt.0"],
    [{ whenSpent: "go on" }, "whenSpent"],
    [{ whenSpent: { degradeTo: "" } }, "whenSpent.degradeTo"],
    [{ maxOutputTokens: 0 }, "maxOutputTokens"],
    [{ tokens: 5 }, ""],
  ];
  for (const [fields, path] of cases)
    test(JSON.stringify(fields), () => {
      const { error } = budgetsSchema.safeParse([{ ...budget, ...fields }]);
      expect(error?.issues.map((issue) => issue.path.slice(1).join("."))).toContain(path);
    });
});

test.each([
  [10, 10_000_000_000_000n],
  [0.1, 100_000_000_000n],
  [0.000_000_3, 300_000n],
  [0.000_001, 1_000_000n],
  [180_000.000_001, 180_000_000_001_000_000n],
  [1_000_000_000, 1_000_000_000_000_000_000_000n],
  [0, 0n],
])("%p USD is exactly %p", (usd, amount) => expect(amountOf(usd)).toBe(amount));

import { expect, test } from "bun:test";
import { limitsSchema } from "./settings.ts";

test.each([
  [{ scope: "key", requests: 1, per: "minute" }],
  [{ scope: "key", concurrent: 2 }],
  [{ scope: "model", match: ["a", "b"], tokens: 5, concurrent: 2, per: "day" }],
  [{ scope: "everyone", requests: 1, tokens: 2, per: "second" }],
  [{ scope: "everyone", requests: 1, per: "second", shares: { normal: 0.8, low: 0 } }],
  [{ scope: "team", concurrent: 9, shares: { low: 1 } }],
])("%j is a rule", (rule) => {
  expect(limitsSchema.safeParse([rule]).success).toBe(true);
});

test.each([
  [{ scope: "key" }, "scope"],
  [{ scope: "key", requests: 1 }, "per"],
  [{ scope: "key", concurrent: 1, per: "day" }, "per"],
  [{ scope: "key", requests: 0, per: "day" }, "requests"],
  [{ scope: "key", requests: 1.5, per: "day" }, "requests"],
  [{ scope: "key", tokens: 1e15, per: "day" }, "tokens"],
  [{ scope: "key", requests: 1, per: "week" }, "per"],
  [{ scope: "everyone", match: "x", concurrent: 1 }, "match"],
  [{ scope: "key", match: [], concurrent: 1 }, "match"],
  [{ scope: "key", concurrent: 1, shares: { normal: 1.1 } }, "shares.normal"],
  [{ scope: "key", concurrent: 1, shares: { low: -1 } }, "shares.low"],
  [{ scope: "key", concurrent: 1, shares: { normal: 0.5, low: 0.6 } }, "shares.low"],
  [{ scope: "key", concurrent: 1, shares: { high: 0.5 } }, "shares"],
])("%j is none, for its %s", (rule, field) => {
  const { error } = limitsSchema.safeParse([rule]);
  expect(error?.issues.map(({ path }) => path.slice(1).join("."))).toEqual([field]);
});

import { expect, test } from "bun:test";
import { limitsSchema } from "./settings.ts";

test.each([
  [{ scope: "key", requests: 1, per: "minute" }],
  [{ scope: "key", concurrent: 2 }],
  [{ scope: "model", match: ["a", "b"], tokens: 5, concurrent: 2, per: "day" }],
  [{ scope: "everyone", requests: 1, tokens: 2, per: "second" }],
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
])("%j is none, for its %s", (rule, field) => {
  const { error } = limitsSchema.safeParse([rule]);
  expect(error?.issues.map(({ path }) => path[1])).toEqual([field]);
});

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { routesSchema } from "../../src/routing/settings.ts";

test("the route of docs/routing.md is one", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/routing.md"), "utf8");
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = ""]) => parse(block));
  expect(blocks).toHaveLength(1);
  const routes = routesSchema.parse(blocks[0].routes);
  expect(routes["auto"]?.strategy).toMatchObject({ kind: "learned", goal: "balanced", gate: { delta: 0.01 } });
});

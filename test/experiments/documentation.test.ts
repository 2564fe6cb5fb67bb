import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configurationSchema } from "../../src/roles/configuration.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/experiments.md"), "utf8");
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => parse(text) as object);

test("what docs/experiments.md shows is understood", () => {
  expect(blocks.length).toBe(2);
  const { routes } = configurationSchema.parse(blocks[1]);
  expect(routes["fast"]?.shadow?.maxUsdPerDay).toBe(5);
  const { experiments } = configurationSchema.parse(blocks[0]);
  const { cheaper } = experiments;
  expect(Object.keys(cheaper?.arms ?? {})).toEqual(["now", "small", "quick"]);
});

test("its defaults are the defaults", () => {
  const arms = { a: {}, b: {} };
  const { e } = configurationSchema.parse({ experiments: { e: { route: "fast", arms } } }).experiments;
  for (const [key, value] of Object.entries(e ?? {}))
    if (key !== "route" && key !== "arms")
      expect(page).toMatch(new RegExp(`\\| \`${key}\` \\| \`?${String(value)}\`? \\|`));
});

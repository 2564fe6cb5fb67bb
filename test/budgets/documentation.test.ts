import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configurationSchema } from "../../src/roles/configuration.ts";

const read = (name: string): string => readFileSync(join(import.meta.dir, "../../docs", name), "utf8");

test.each(["budgets.md", "configuration.md"])("the budgets in docs/%s are understood", (name) => {
  const blocks = [...read(name).matchAll(/```yaml\n(budgets:[\s\S]*?)```/g)].map(([, block = ""]) => block);
  expect(blocks.length).toBe(1);
  for (const block of blocks) expect(configurationSchema.parse(parse(block)).budgets.length).toBeGreaterThan(1);
});

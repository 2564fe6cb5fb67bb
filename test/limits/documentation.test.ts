import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { usualOutputTokens } from "../../src/limits/call-tokens.ts";
import { configurationSchema } from "../../src/roles/configuration.ts";

const read = (name: string): string => readFileSync(join(import.meta.dir, "../../docs", name), "utf8");
const blocksOf = (page: string): readonly string[] =>
  [...page.matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, block = ""]) => block)
    .filter((block) => block.startsWith("limits:"));

test.each(["limits.md", "configuration.md"])("the rules in docs/%s are understood", (name) => {
  const blocks = blocksOf(read(name));
  expect(blocks.length).toBe(1);
  for (const block of blocks) expect(configurationSchema.parse(parse(block)).limits.length).toBeGreaterThan(1);
});

test("docs/limits.md says how much is reserved for an answer of unknown length", () => {
  expect(read("limits.md")).toContain(` ${usualOutputTokens.toLocaleString("en")} where the\nrequest sets no limit`);
});

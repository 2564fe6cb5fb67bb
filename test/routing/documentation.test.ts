import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { routingSchema } from "../../src/http/routing-wishes.ts";
import { configurationSchema } from "../../src/roles/configuration.ts";
import { createStrategy, strategyDefinitions } from "../../src/routing/strategies/index.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/strategies.md"), "utf8");
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, block = ""]) => block);
const clock = { monotonic: () => 0, wall: () => 0 };

describe("docs/strategies.md", () => {
  for (const block of blocks("yaml"))
    test(`is understood: ${block.split("\n")[1]}`, () => {
      const { routes, providers } = configurationSchema.parse(parse(block));
      expect(Object.keys({ ...routes, ...providers }).length).toBe(1);
      for (const [route, { strategy }] of Object.entries(routes))
        expect(createStrategy(strategy, { route, candidates: [], clock, keep: (_, make) => make() }).kind).not.toBe("");
    });

  test("names every strategy", () => {
    const listed = new Set([...page.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
    for (const kind of strategyDefinitions.keys()) expect([kind, listed.has(kind)]).toEqual([kind, true]);
  });

  test("names every wish, and its example is one", () => {
    for (const field of Object.keys(routingSchema.shape)) expect(page).toContain(`\`routing.${field}\``);
    const [example = ""] = blocks("json");
    expect(routingSchema.safeParse(JSON.parse(example).routing).success).toBe(true);
  });
});

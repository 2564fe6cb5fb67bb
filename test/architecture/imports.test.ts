import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readSources } from "./read-source.ts";
import { type Breach, describeBreach, findBreaches, type Rule, rules } from "./rules.ts";

const breachesBelow = async (folder: string): Promise<readonly Breach[]> =>
  findBreaches(await readSources(join(import.meta.dirname, folder)));

/** What is broken on purpose, and nothing else, must be found. */
const seeded: readonly (readonly [path: string, line: number, found: string, rule: Rule])[] = [
  ["auth/asks-routing.ts", 1, "../routing/chosen.ts", "feature"],
  ["auth/asks-routing.ts", 4, "../ledger/record.ts", "feature"],
  ["auth/testing.ts", 1, "../ledger/book.ts", "feature"],
  ["core/reads-a-file.ts", 1, "node:fs", "core"],
  ["core/reads-a-file.ts", 3, "../stores/stored.ts", "core"],
  ["core/third.ts", 1, "core/first.ts → core/second.ts → core/third.ts → core/first.ts", "circle"],
  ["http/asks-a-store.ts", 1, "../stores/stored.ts", "edge"],
  ["registry/loads-by-name.ts", 1, "an expression", "dynamic"],
  ["registry/loads-by-name.ts", 2, "../routing/chosen.ts", "feature"],
  ["registry/names-bun.ts", 1, "bun:sqlite", "runtime"],
  ["registry/names-bun.ts", 5, "Bun", "runtime"],
  ["registry/names-bun.ts", 6, "import.meta.dir", "runtime"],
  ["routing/re-exports.ts", 1, "../ledger/record.ts", "feature"],
  ["stray.ts", 1, "stray.ts", "room"],
  ["telemetry/by-default.ts", 3, "default", "default"],
  ["telemetry/uses-a-test.ts", 1, "../../test/tool.ts", "outside"],
];

describe("the rooms of src", () => {
  test("no file breaks a rule", async () => {
    const breaches = await breachesBelow("../../src");
    expect(breaches.map((breach) => describeBreach(breach, "src"))).toEqual([]);
  });

  test("what is broken on purpose is found, and nothing else", async () => {
    const breaches = await breachesBelow("breach/src");
    expect(breaches).toEqual(seeded.map(([path, line, found, rule]) => ({ path, line, found, rule })));
  });

  test("each rule is broken on purpose somewhere", () => {
    expect([...new Set(seeded.map(([, , , rule]) => rule))].toSorted()).toEqual(
      (Object.keys(rules) as Rule[]).toSorted(),
    );
  });

  test("a breach is told with file, line, import and rule", () => {
    const breach: Breach = { path: "http/a.ts", line: 3, found: "../auth/b.ts", rule: "edge" };
    expect(describeBreach(breach, "src")).toBe(`src/http/a.ts:3  "../auth/b.ts"  breaks: ${rules.edge}`);
  });

  test("a folder without TypeScript files is an error, not a pass", async () => {
    await expect(readSources(join(import.meta.dirname, "nowhere"))).rejects.toThrow("includes nothing below");
  });
});

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/security.md"), "utf8");
const rowCount = 47;

interface Row {
  readonly number: number;
  readonly outcome: string;
  readonly tests: readonly string[];
}

const readRows = (text: string): readonly Row[] =>
  [...text.matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$/gm)].map(
    ([, number, , outcome = "", tests = ""]) => ({
      number: Number(number),
      outcome: outcome.trim(),
      tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? ""),
    }),
  );

/** What is wrong with a row; undefined where nothing is. */
const faultOf = ({ outcome, tests }: Row): string | undefined => {
  if (outcome.startsWith("not there: ")) return tests.length === 0 ? undefined : "is not there, and names a test";
  if (tests.length === 0) return "names no test";
  const missing = tests.find((path) => !path.endsWith(".test.ts") || !existsSync(join(root, path)));
  if (missing !== undefined) return `names ${missing}, which is not there`;
  const empty = tests.find((path) => !/^\s*(?:test|describe)\b/m.test(readFileSync(join(root, path), "utf8")));
  return empty === undefined ? undefined : `names ${empty}, which tests nothing`;
};

describe("the table of abuse", () => {
  const rows = readRows(page);

  test("accounts for every row, once and in order", () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: rowCount }, (_, index) => index + 1));
  });

  test("names a test that is there for each row, or says that the feature is not", () => {
    expect(rows.flatMap((row) => faultOf(row) ?? [])).toEqual([]);
  });

  test("names each test of this folder", () => {
    const named = new Set(rows.flatMap(({ tests }) => tests));
    const here = readdirSync(import.meta.dir).filter(
      (file) => file.endsWith(".test.ts") && file !== basename(import.meta.path),
    );
    expect(here.length).toBeGreaterThan(5);
    expect(here.filter((file) => !named.has(`test/security/${file}`))).toEqual([]);
  });

  test("would be found wrong", () => {
    const row = (outcome: string, ...tests: readonly string[]): Row => ({ number: 1, outcome, tests });
    expect(faultOf(row("refused"))).toBe("names no test");
    expect(faultOf(row("refused", "test/nowhere.test.ts"))).toContain("is not there");
    expect(faultOf(row("refused", "package.json"))).toContain("is not there");
    expect(faultOf(row("not there: nothing", "test/security/table.test.ts"))).toContain("names a test");
    expect(readRows(page.replace(/^\| 7 .*$/m, ""))).toHaveLength(rowCount - 1);
  });
});

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releaseMemory } from "./release-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "release-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const residentCode = (): number =>
  readFileSync("/proc/self/smaps", "utf8")
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((mapping) => / r-[x-]p .*\/bun/.test(mapping))
    .reduce((sum, mapping) => sum + Number(/^Rss: +(\d+) kB$/m.exec(mapping)?.[1]), 0);

test.if(process.platform === "linux").each(["used", "pages", "warm"] as const)(
  "%s: code leaves memory, and works on",
  (kind) => {
    const before = residentCode();
    releaseMemory(kind);
    const after = residentCode();
    expect(after).toBeLessThan(before * 0.8);
    const found = JSON.parse(JSON.stringify(Array.from({ length: 1_000 }, (_, index) => ({ index })))) as unknown[];
    expect(found).toHaveLength(1_000);
  },
);

/** Its own text is a megabyte, which the executable holds in memory that may be written. */
const program = `
  import { readFileSync } from "node:fs";
  import { releaseFilePages } from ${JSON.stringify(join(import.meta.dir, "file-pages.ts"))};
  const late = () => "${"x".repeat(2 ** 20)} works on";
  const inFile = () => readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-)/m)
    .filter((mapping) => / rw-p .*\\/program$/m.test(mapping))
    .reduce((sum, mapping) => sum + Number(/^Rss: +(\\d+)/m.exec(mapping)[1]) - Number(/^Anonymous: +(\\d+)/m.exec(mapping)[1]), 0);
  const text = late.toString();
  const before = inFile();
  releaseFilePages();
  const after = inFile();
  console.log(JSON.stringify({ before, after, isWhole: late.toString() === text, said: late().slice(-8) }));`;

test.if(process.platform === "linux")("an executable's own text leaves memory, and is read again", () => {
  const source = join(folder, "program.ts");
  const executable = join(folder, "program");
  writeFileSync(source, program);
  const built = Bun.spawnSync([process.execPath, "build", "--compile", source, `--outfile=${executable}`]);
  expect(built.exitCode).toBe(0);
  const said = JSON.parse(Bun.spawnSync([executable]).stdout.toString()) as { before: number; after: number };
  expect(said).toMatchObject({ isWhole: true, said: "works on" });
  expect(said.after).toBeLessThan(said.before - 512);
});

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { releaseMemory } from "./release-memory.ts";

const residentCode = (): number =>
  readFileSync("/proc/self/smaps", "utf8")
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((mapping) => / r-xp .*\/bun/.test(mapping))
    .reduce((sum, mapping) => sum + Number(/^Rss: +(\d+) kB$/m.exec(mapping)?.[1]), 0);

test.if(process.platform === "linux")("the program's code leaves memory, and works on", () => {
  const before = residentCode();
  releaseMemory();
  const after = residentCode();
  expect(after).toBeLessThan(before * 0.8);
  const found = JSON.parse(JSON.stringify(Array.from({ length: 1_000 }, (_, index) => ({ index })))) as unknown[];
  expect(found).toHaveLength(1_000);
});

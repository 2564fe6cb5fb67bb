import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sabotages } from "./sabotages.ts";

for (const { name, file, find } of sabotages)
  test(`the mechanism that '${name}' takes out stands, once, in ${file}`, () => {
    const source = readFileSync(join(import.meta.dirname, "../../../src", file), "utf8");
    expect(source.split(find)).toHaveLength(2);
  });

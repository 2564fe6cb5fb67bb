import { expect, test } from "bun:test";
import { closeSync, openSync, readSync } from "node:fs";
import { findElfSection } from "./elf-section.ts";

test.if(process.platform === "linux")("a section is found by its whole name", () => {
  const interpreter = findElfSection(process.execPath, ".interp");
  const bytes = Buffer.alloc(interpreter?.length ?? 0);
  const file = openSync(process.execPath, "r");
  readSync(file, bytes, 0, bytes.length, interpreter?.offset ?? 0);
  closeSync(file);
  expect(bytes.toString()).toMatch(/^\/.*ld.*\0$/);
  expect(findElfSection(process.execPath, ".inter")).toBeUndefined();
});

test("a file of another kind has none", () => {
  expect(findElfSection(import.meta.path, ".interp")).toBeUndefined();
});

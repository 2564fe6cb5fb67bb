import { expect, test } from "bun:test";
import { readMappings, readMemory, residentKilobytes } from "./memory.ts";

const mapping = (head: string, kilobytes: number): string =>
  `${head}\nSize:  999 kB\nRss:   ${kilobytes} kB\nPss:   1 kB\nVmFlags: rd mr\n`;
const program = (kilobytes: number): string =>
  mapping("00200000-02c00000 r-xp 00001000 fe:00 1234                       /usr/bin/program", kilobytes);
const heap = (kilobytes: number): string => mapping("7f0000000000-7f0000100000 rw-p 00000000 00:00 0 ", kilobytes);

test("what two processes share of a file counts once, their own memory twice", () => {
  const both = [...readMappings(program(40) + heap(10)), ...readMappings(program(30) + heap(20))];
  expect(residentKilobytes(both)).toBe(70);
});

test("this process has memory", () => {
  const { resident, proportional, processes } = readMemory([process.pid]);
  expect(processes).toBeGreaterThanOrEqual(1);
  expect(proportional).toBeGreaterThan(1);
  expect(resident).toBeGreaterThan(proportional);
});

import { expect, test } from "bun:test";
import { wholePieces } from "./open-log.ts";

const line = (bytes: number): string => `${"x".repeat(bytes - 1)}\n`;

const cases: readonly [string, string, readonly number[]][] = [
  ["nothing", "", []],
  ["one line", line(10), [10]],
  ["lines that fit together", line(2_000) + line(2_000), [4_000]],
  ["lines that just fit", line(2_048) + line(2_048), [4_096]],
  ["lines that do not", line(2_048) + line(2_049) + line(10), [2_048, 2_059]],
  ["a line that is too long", line(10) + line(5_000) + line(10), [10, 5_000, 10]],
  ["letters of several bytes", `${"€".repeat(1_000)}\n${"€".repeat(1_000)}\n`, [3_001, 3_001]],
  ["no line break at the end", `${line(10)}end`, [13]],
];
for (const [name, text, expected] of cases)
  test(`pieces of whole lines: ${name}`, () => {
    const pieces = wholePieces(Buffer.from(text));
    expect(pieces.map(({ length }) => length)).toEqual([...expected]);
    expect(Buffer.concat(pieces).toString()).toBe(text);
  });

import { describe, expect, test } from "bun:test";
import { formatJson } from "./json.ts";
import { formatCount, formatMilliseconds, formatTokens, formatUsd } from "./quantities.ts";
import { styleFor, usesColour } from "./style.ts";
import { type Cell, formatTable } from "./table.ts";
import { openCleaner } from "./text-stream.ts";
import { textWidth, truncate } from "./text-width.ts";

describe("widths", () => {
  const cases: readonly (readonly [text: string, width: number])[] = [
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 1],
    ["模型", 4],
    ["한글", 4],
    ["ｆｕ", 4],
    ["👍", 2],
    ["👩‍💻", 2],
    ["🇦🇹", 2],
    ["❤️", 2],
    ["a\u200bb", 2],
    ["–…•", 3],
  ];
  for (const [text, width] of cases) test(`${text} takes ${width}`, () => expect(textWidth(text)).toBe(width));

  const cuts: readonly (readonly [text: string, width: number, shown: string])[] = [
    ["abcdef", 6, "abcdef"],
    ["abcdef", 4, "abc…"],
    ["模型名称", 5, "模型…"],
    ["模型名称", 6, "模型…"],
    ["👩‍💻👩‍💻", 3, "👩‍💻…"],
    ["abc", 0, ""],
  ];
  for (const [text, width, shown] of cuts)
    test(`${text} cut to ${width}`, () => expect(truncate(text, width)).toBe(shown));
});

const table = (rows: readonly (readonly Cell[])[], width = Number.POSITIVE_INFINITY): string =>
  formatTable({
    columns: [{ title: "NAME" }, { title: "N", align: "right" }, { title: "NOTE" }],
    rows,
    width,
    style: styleFor("plain"),
  });

describe("tables", () => {
  const cases: readonly (readonly [name: string, output: string, expected: string])[] = [
    [
      "align",
      table([
        ["a", "1", "x"],
        ["long", "20", ""],
      ]),
      "NAME   N  NOTE\na      1  x\nlong  20\n",
    ],
    [
      "align wide characters",
      table([
        ["模型", "1", "x"],
        ["abc", "2", "y"],
      ]),
      "NAME  N  NOTE\n模型  1  x\nabc   2  y\n",
    ],
    [
      "cut the widest column",
      table([["aaaaaaaaaaaaaaaaaaaa", "1", "bbbbbbbb"]], 24),
      "NAME         N  NOTE\naaaaaaaaaa…  1  bbbbbbbb\n",
    ],
    [
      "let no control or direction character through",
      table([["a\u001b[31m\u202e\nb\u009b", "1\u0007", "\tc"]]),
      "NAME     N  NOTE\na[31m b  1   c\n",
    ],
  ];
  for (const [name, output, expected] of cases) test(name, () => expect(output).toBe(expected));

  test("colour does not move columns", () => {
    const rows = [[{ text: "ab", style: "red" as const }, "1", "x"]];
    const coloured = formatTable({
      columns: [{ title: "NAME" }, { title: "N" }, { title: "X" }],
      rows,
      width: 80,
      style: styleFor("colour"),
    });
    expect(coloured.split("\n")[1]).toBe("\u001b[31mab\u001b[39m    1  x");
  });
});

describe("colours", () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, boolean, boolean])[] = [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ TERM: "dumb" }, true, false],
  ];
  for (const [environment, isTerminal, expected] of cases)
    test(`${JSON.stringify(environment)} ${isTerminal ? "on a terminal" : "piped"}`, () =>
      expect(usesColour(environment, { isTerminal })).toBe(expected));
});

describe("quantities", () => {
  const cases: readonly (readonly [string, string])[] = [
    [formatUsd(0), "$0"],
    [formatUsd(12.3), "$12.30"],
    [formatUsd(0.00042), "$0.00042"],
    [formatUsd(0.05), "$0.050"],
    [formatUsd(null), "–"],
    [formatCount(1_234_567), "1,234,567"],
    [formatTokens(128_000), "128k"],
    [formatTokens(1_048_576), "1M"],
    [formatMilliseconds(4.26), "4.3 ms"],
    [formatMilliseconds(1_234), "1.2 s"],
    [formatMilliseconds(200_000), "3 min 20 s"],
  ];
  for (const [shown, expected] of cases) test(expected, () => expect(shown).toBe(expected));
});

test("JSON escapes what a terminal would obey", () =>
  expect(formatJson("a\u001b[2J\u009b\u007f")).toBe('"a\\u001b[2J\\u009b\\u007f"\n'));

test("a cleaner never cuts a character in two", () => {
  const cleaner = openCleaner();
  const [high = "", low = ""] = ["\ud83d", "\ude00"];
  expect([cleaner.push(`a${high}`), cleaner.push(`${low}b`), cleaner.end()]).toEqual(["a", "😀b", ""]);
});

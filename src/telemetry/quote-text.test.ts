import { describe, expect, test } from "bun:test";
import { formatTime } from "./log-time.ts";
import { quoteText } from "./quote-text.ts";

describe("a quoted text", () => {
  const cases: readonly (readonly [text: string, quoted: string])[] = [
    ["gpt-4o-mini", '"gpt-4o-mini"'],
    ["", '""'],
    ['say "x"\\', '"say \\"x\\"\\\\"'],
    ["two\nlines\u2028", '"two\\nlines\\u2028"'],
    ["req_0123456789abcdef0123456789abcdef", '"req_0123456789abcdef0123456789abcdef"'],
    ["req_0123456789abcdef0123456789abcde\n", '"req_0123456789abcdef0123456789abcde\\n"'],
    ['req_0123456789abcdef0123456789abcdef"', '"req_0123456789abcdef0123456789abcdef\\""'],
    ["sk-0123456789abcdef", '"[secret]"'],
  ];
  for (const [text, quoted] of cases)
    test(`${JSON.stringify(text)} is the same each time, whatever came between`, () => {
      expect(quoteText(text)).toBe(quoted);
      expect(quoteText(text)).toBe(quoted);
      for (let other = 0; other < 600; other++) quoteText(`other ${other}`);
      expect(quoteText(text)).toBe(quoted);
      for (let other = 0; other < 2_000; other++) quoteText(`yet another ${other}`);
      expect(quoteText(text)).toBe(quoted);
    });

  test("is cut where it is too long", () => {
    const quoted = quoteText("x".repeat(5_000));
    expect(quoted).toContain("(5000 characters)");
    expect(quoted.length).toBeLessThan(4_100);
  });
});

describe("a time", () => {
  const times = [0, 1, 999, 1_000, 1_795_000_000_123, 1_795_000_000_007, 1_795_000_001_000, 1_795_000_000_999.9];
  for (const time of times)
    test(`${time} is written as the standard has it`, () => {
      expect(formatTime(time)).toBe(new Date(time).toISOString());
    });
});

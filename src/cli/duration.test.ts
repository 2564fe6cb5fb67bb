import { describe, expect, test } from "bun:test";
import { parseDuration, parseMoment } from "./duration.ts";

describe("durations", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["90s", 90_000],
    ["15m", 900_000],
    ["1d12h", 129_600_000],
    ["0s", 0],
    ["1.5h", 5_400_000],
    [" 7D ", 604_800_000],
    ["", undefined],
    ["7", undefined],
    ["7 d", undefined],
    ["-1d", undefined],
    ["99999999999999999y", undefined],
  ];
  for (const [text, expected] of cases) test(JSON.stringify(text), () => expect(parseDuration(text)).toBe(expected));
});

describe("moments", () => {
  const now = Date.UTC(2026, 10, 21);
  const cases: readonly (readonly [string, "back" | "forward", number | undefined])[] = [
    ["1d", "back", Date.UTC(2026, 10, 20)],
    ["1d", "forward", Date.UTC(2026, 10, 22)],
    ["2026-11-01", "back", Date.UTC(2026, 10, 1)],
    ["2026-11-01T10:00", "back", Date.UTC(2026, 10, 1, 10)],
    ["2026-11-01 10:00", "back", Date.UTC(2026, 10, 1, 10)],
    ["2026-11-01T10:00+02:00", "back", Date.UTC(2026, 10, 1, 8)],
    ["2026-13-01", "back", undefined],
    ["yesterday", "back", undefined],
  ];
  for (const [text, direction, expected] of cases)
    test(`${text} ${direction}`, () => expect(parseMoment(text, { now, direction })).toBe(expected));
});

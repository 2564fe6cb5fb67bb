import { describe, expect, test } from "bun:test";
import { GatewayError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { formatJson, formatText, type LogFields } from "./log-format.ts";

const time = Date.UTC(2026, 10, 21, 7, 19, 11, 123);
const json = (fields: LogFields, message = "call"): Record<string, unknown> =>
  JSON.parse(formatJson({ time, level: "info", message, fields })) as Record<string, unknown>;
const text = (fields: LogFields, message = "call") => formatText({ time, level: "info", message, fields });

describe("an entry", () => {
  const fields = { route: "fast", costUsd: 0.0025, error: null, note: "two words", left: undefined, list: [1, "a"] };
  test("is one JSON object", () => {
    expect(formatJson({ time, level: "info", message: "call", fields })).toBe(
      '{"time":"2026-11-21T07:19:11.123Z","level":"info","message":"call","route":"fast","costUsd":0.0025,"error":null,"note":"two words","list":[1,"a"]}',
    );
  });
  test("is one line of text", () => {
    expect(text(fields)).toBe(
      '2026-11-21T07:19:11.123Z info  call route=fast costUsd=0.0025 note="two words" list="[1,\\"a\\"]"',
    );
  });
  test("keeps its own time, level and message", () => {
    expect(json({ time: 0, level: "error", message: "other", route: "x" })).toEqual({
      time: "2026-11-21T07:19:11.123Z",
      level: "info",
      message: "call",
      route: "x",
    });
  });
});

describe("what a client wrote cannot forge the log", () => {
  const hostile = [
    'x\n{"level":"error","message":"forged"}',
    "x\r\n2026-11-21T07:19:11.123Z error forged",
    "\u001b[2J\u001b[31mred",
    "a\u2028b\u2029c\u0085d",
    "\u202Eevil\u2066",
    "\u0000",
    'x" level="error',
    "\ud800 lone",
  ];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  const unwanted = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
  for (const value of hostile)
    test(JSON.stringify(value), () => {
      for (const line of [
        formatJson({ time, level: "info", message: value, fields: { value, [value]: 1 } }),
        text({ value, [value]: 1 }, value),
      ])
        expect(line).not.toMatch(unwanted);
      expect(json({ value })["value"]).toBe(value);
      const outsideQuotes = text({ value }).replace(/"(?:[^"\\]|\\.)*"/g, "");
      expect(outsideQuotes).not.toMatch(/level=|forged/);
    });
});

describe("what must not be seen is not written", () => {
  const cases: readonly [what: string, fields: LogFields][] = [
    ["a Secret", { key: new Secret("hunter2hunter2") }],
    [
      "a field by its name",
      { authorization: "hunter2hunter2", "x-api-key": "hunter2hunter2", API_KEY: "hunter2hunter2" },
    ],
    ["a prompt", { prompt: "hunter2hunter2", messages: [{ role: "user", text: "hunter2hunter2" }] }],
    ["a nested field", { request: { headers: { Cookie: "hunter2hunter2" } } }],
    ["a key in a provider's text", { error: "Incorrect API key provided: sk-hunter2hunter2." }],
    ["a bearer token", { error: "sent Bearer hunter2hunter2 twice" }],
    ["credentials in a URL", { url: "http://me:hunter2hunter2@host/v1" }],
    [
      "an error's message and cause",
      { error: new Error("sk-hunter2hunter2", { cause: new Error("sk-hunter2hunter2") }) },
    ],
  ];
  for (const [what, fields] of cases)
    test(what, () => {
      expect(JSON.stringify(json(fields))).not.toContain("hunter2");
      expect(text(fields)).not.toContain("hunter2");
    });
  test("while token counts are", () => {
    expect(json({ inputTokens: 5, outputTokens: 6 })).toMatchObject({ inputTokens: 5, outputTokens: 6 });
  });
});

describe("values of every kind are written", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const cases: readonly [what: string, value: unknown, expected: unknown][] = [
    ["bigint", 12n, "12"],
    ["NaN", Number.NaN, "NaN"],
    ["a date", new Date(time), "2026-11-21T07:19:11.123Z"],
    ["a function", () => 1, undefined],
    ["long text", "x".repeat(5_000), `${"x".repeat(4_000)}… (5000 characters)`],
    [
      "a thrower",
      {
        toJSON: () => {
          throw new Error("no");
        },
      },
      "[unreadable]",
    ],
  ];
  for (const [what, value, expected] of cases)
    test(what, () => {
      expect(json({ value })["value"]).toEqual(expected);
    });
  test("a cycle ends", () => {
    expect(JSON.stringify(json({ circular }))).toContain("[too deep]");
  });
  test("an error shows its code and cause", () => {
    const error = new GatewayError("upstream_error", "It broke.", { cause: new Error("socket closed") });
    expect(json({ error })["error"]).toMatchObject({
      name: "GatewayError",
      code: "upstream_error",
      message: "It broke.",
      cause: { message: "socket closed" },
    });
  });
});

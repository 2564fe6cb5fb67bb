import { describe, expect, test } from "bun:test";
import { assert, constantFrom, jsonValue, property } from "fast-check";
import { GatewayError } from "../core/errors.ts";
import { scanJson } from "./json-scan.ts";

const codeOf = (text: string, maxDepth = 64): string => {
  try {
    scanJson(text, maxDepth);
    return "accepted";
  } catch (error) {
    return error instanceof GatewayError ? error.code : "crashed";
  }
};

const verdicts: readonly (readonly [string, string, string])[] = [
  ["a key twice", '{"a":1,"a":2}', "duplicate_key"],
  ["a key twice, once escaped", '{"model":"x","mod\\u0065l":"y"}', "duplicate_key"],
  ["a key twice, deep down", '{"a":[{"b":{"c":1,"d":2,"c":3}}]}', "duplicate_key"],
  ["the same key in two objects", '[{"a":1},{"a":2},{"b":{"a":3}}]', "accepted"],
  ["the same word as key and value", '{"a":"a","b":["a","a"]}', "accepted"],
  ["a key that looks like a string's content", '{"a":"\\",\\"a\\":1"}', "accepted"],
  ["strings that end in backslashes", '{"a":"\\\\","b":"\\\\\\\\"}', "accepted"],
  ["brackets within strings", `{"a":"${"[{".repeat(100)}"}`, "accepted"],
  ["a prototype", '{"a":{"__proto__":{}}}', "invalid_value"],
  ["a prototype, escaped", '{"\\u005f_proto__":{}}', "invalid_value"],
  ["64 levels", "[".repeat(64) + "]".repeat(64), "accepted"],
  ["65 levels", "[".repeat(65) + "]".repeat(65), "json_too_deep"],
  ["10,000 levels", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, "json_too_deep"],
  ["no JSON at all", '{"a', "accepted"],
];

describe("scanJson", () => {
  for (const [name, text, verdict] of verdicts)
    test(`${name}: ${verdict}`, () => {
      expect(codeOf(text)).toBe(verdict);
    });

  const spans: readonly (readonly [string, string | undefined])[] = [
    ['{"model":"gpt","messages":[]}', '"gpt"'],
    ['{ "messages" : [ {"model":"inner"} ] , "model" : "a\\"b" }', '"a\\"b"'],
    ['{"mod\\u0065l":"x"}', '"x"'],
    ['{"model":5,"user":"u"}', undefined],
    ['{"model":["x"]}', undefined],
    ['{"model":{"model":"x"}}', undefined],
    ['{"user":"model"}', undefined],
    ['["model","x"]', undefined],
  ];
  for (const [text, value] of spans)
    test(`finds the model of ${text}`, () => {
      const { model } = scanJson(text, 64);
      expect(model === undefined ? undefined : text.slice(model.start, model.end)).toBe(value as string);
    });

  test("accepts whatever a serializer writes, and finds the model in it", () => {
    assert(
      property(jsonValue(), constantFrom(undefined, 1, "\t"), (value, indent) => {
        const text = JSON.stringify({ first: value, model: "m", last: value }, null, indent);
        if (text.includes('"__proto__":')) return;
        const { model } = scanJson(text, 512);
        expect(model && text.slice(model.start, model.end)).toBe('"m"');
      }),
    );
  });
});

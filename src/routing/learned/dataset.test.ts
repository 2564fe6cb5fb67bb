import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../core/errors.ts";
import { openRowParser, parseLabelledRows } from "./dataset.ts";

const row = { id: "a", task: "math", prompt: "1 + 1?", q: { x: 1, y: 0.5 }, c: { x: 0.1, y: 0 } };
const line = (changes: object): string => JSON.stringify({ ...row, ...changes });

const failure = (text: string): string => {
  try {
    parseLabelledRows(text, "rows.jsonl");
  } catch (thrown) {
    if (thrown instanceof GatewayError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return "taken";
};

describe("rows of JSON lines", () => {
  test("come out as they stand, in order, empty lines and unknown fields left out", () => {
    const full = { ...row, split: "train", in: { x: 3 }, out: { x: 4 }, ans: { x: "2", y: null } };
    const rows = parseLabelledRows(`${JSON.stringify(full)}\r\n\n${line({ id: "b", more: 1 })}`, "f");
    expect(rows).toEqual([full, { ...row, id: "b" }]);
  });

  test("do not depend on where the text is cut", () => {
    const text = `${line({ id: "ä" })}\n${line({ id: "b", prompt: "two\nlines" })}\n`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = openRowParser("f");
      const rows = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut)), ...parser.end()];
      expect(rows.map(({ id, prompt }) => [id, prompt])).toEqual([
        ["ä", "1 + 1?"],
        ["b", "two\nlines"],
      ]);
    }
  });

  test("may be named like what every object has", () => {
    const [first] = parseLabelledRows('{"id":"a","prompt":"p","q":{"__proto__":1},"c":{"__proto__":2}}', "f");
    expect(first === undefined ? [] : Object.entries(first.q)).toEqual([["__proto__", 1]]);
    expect(failure('{"id":"a","prompt":"p","q":{"constructor":1},"c":{}}')).toContain("'constructor'");
  });

  test("may lack labels where none are needed", () => {
    expect(parseLabelledRows('{"id":"a","prompt":"p"}', "f", "labels-optional")).toEqual([
      { id: "a", task: "", prompt: "p", q: {}, c: {} },
    ]);
  });

  const cases: readonly (readonly [what: string, text: string, message: string])[] = [
    ["no JSON", `${line({})}\n{"id":`, "line 2: not a JSON object"],
    ["an array", "[]", "line 1: not a JSON object"],
    ["no id", line({ id: 1 }), "line 1: 'id' must be a text"],
    ["no prompt", line({ prompt: null }), "'prompt' must be a text"],
    ["a quality above 1", line({ q: { x: 1.5 } }), "'q' of model 'x' must be a number from 0 to 1"],
    ["a quality that is no number", line({ q: { x: "1" } }), "'q' of model 'x'"],
    ["a negative cost", line({ c: { x: -1, y: 0 } }), "'c' of model 'x' must be an amount of USD"],
    ["a cost missing", line({ c: { x: 1 } }), "'c' lacks the cost of model 'y'"],
    ["no quality", line({ q: {} }), "'q' is missing"],
    ["no costs", line({ c: undefined }), "'c' is missing"],
    ["half a token", line({ out: { x: 0.5 } }), "'out' of model 'x' must be a whole number"],
    ["an answer that is a number", line({ ans: { x: 1 } }), "'ans' of model 'x' must be a text or null"],
    ["a list of qualities", line({ q: [1] }), "'q' must be an object"],
    ["an id twice", `${line({})}\n\n${line({})}`, "line 3: the id stood in line 1 before"],
  ];
  for (const [what, text, message] of cases)
    test(`${what} is refused with its place`, () => {
      expect(failure(text)).toStartWith("invalid_value: rows.jsonl, line ");
      expect(failure(text)).toContain(message);
    });
});

import { describe, expect, test } from "bun:test";
import { assert, constantFrom, jsonValue, property, string } from "fast-check";
import { PlainFrames } from "./plain-frames.ts";

const head = { id: "a", object: "chat.completion.chunk", created: 1, model: "m" };
const frameOf = (content: unknown, rest: object = {}): string =>
  JSON.stringify({ ...head, choices: [{ index: 0, delta: { content }, finish_reason: null }], ...rest });

const taught = (data: string, text: string): PlainFrames => {
  const frames = new PlainFrames();
  frames.learn(data, text);
  return frames;
};

describe("PlainFrames", () => {
  test("reads what differs in its text alone", () => {
    expect(taught(frameOf("one"), "one").read(frameOf("zwö – 三"))).toBe("zwö – 三");
    const spaced = frameOf("one").replaceAll(":", ": ");
    expect(taught(spaced, "one").read(spaced.replace("one", "two"))).toBe("two");
  });

  const unread: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["an empty text", frameOf("")],
    ["another id", frameOf("x").replace('"a"', '"b"')],
    ["another choice", frameOf("x").replace('"index":0', '"index":1')],
    ["an ending", frameOf("x").replace("null", '"stop"')],
    ["an escaped text", frameOf('"\n')],
    ["a null", frameOf(null)],
    ["a field within", frameOf("x").replace('"x"', '"x","role":"y"')],
    ["usage", frameOf("x", { usage: { prompt_tokens: 1 } })],
    ["a raw control character", frameOf("x").replace('"x"', '"\u0001"')],
    ["only the beginning", frameOf("x").slice(0, -1)],
  ];
  for (const [name, data] of unread)
    test(`does not read ${name}`, () => {
      expect(taught(frameOf("one"), "one").read(data)).toBeUndefined();
    });

  const unlearned: readonly (readonly [string, string, string])[] = [
    ["a text that is escaped", frameOf("a\nb"), "a\nb"],
    ["a second key of that name", frameOf("one", { more: { content: "one" } }), "one"],
    ["a text that stands elsewhere", frameOf("one"), "two"],
    ["a text written with escapes", frameOf("one").replace("one", "\\u006fne"), "one"],
    ["no key of that name", JSON.stringify({ text: "one" }), "one"],
  ];
  for (const [name, data, text] of unlearned)
    test(`learns nothing from ${name}`, () => {
      expect(taught(data, text).read(data)).toBeUndefined();
    });

  test("is not misled by the key within a string", () => {
    const tricky = frameOf("one", { system_fingerprint: '"content":"one"' });
    const frames = taught(tricky, "one");
    expect(frames.read(tricky.replace('"content":"one"}', '"content":"two"}'))).toBe("two");
  });

  test("gives what a parser gives, or nothing", () => {
    const contentOf = (data: string): unknown => JSON.parse(data).choices[0].delta.content;
    assert(
      property(string(), constantFrom(...'ab\\"\u0000é'), jsonValue(), (text, other, rest) => {
        const frames = taught(frameOf("one", { rest }), "one");
        for (const content of [text, other, text + other]) {
          const data = frameOf(content, { rest });
          const read = frames.read(data);
          if (read !== undefined) expect(contentOf(data)).toBe(read);
        }
      }),
    );
  });
});

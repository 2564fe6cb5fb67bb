import { describe, expect, test } from "bun:test";
import { featuresOf } from "./features-of.ts";
import { packFeatures, unpackFeatures } from "./pack.ts";
import { gramCapacity, hashedDimensions, wordBuckets, wordCapacity } from "./prompt-features.ts";
import { type DenseName, denseNames } from "./surface.ts";

const question = "Which of these is a prime number?\nA. 4\nB. 7\nC. 9\nD. 15\nAnswer:";
const dense = (text: string, name: DenseName): number => featuresOf(text).dense[denseNames.indexOf(name)] as number;
const shared = (first: string, second: string): number => {
  const of = new Set(featuresOf(first).indices);
  return featuresOf(second).indices.filter((index) => of.has(index)).length;
};

describe("featuresOf", () => {
  test.each([
    ["empty", ""],
    ["spaces", "  \n\t "],
    ["one character", "a"],
    ["options", question],
    ["not ASCII", "これは数学の問題ですか？ Ünïcode 🙂"],
    ["lone surrogates", "\ud800 x \udfff"],
    ["a million characters", "lorem ipsum 42 dolor ".repeat(50_000)],
    ["a million different ones", Array.from({ length: 200_000 }, (_, at) => (at * 7_919).toString(36)).join(" ")],
  ])("%s: sorted, in range, within capacity, 0–1", (_, text) => {
    const { indices, values, dense: surface } = featuresOf(text);
    expect(indices.length).toBeLessThanOrEqual(wordCapacity + gramCapacity);
    expect(values.length).toBe(indices.length);
    expect(surface.length).toBe(denseNames.length);
    indices.forEach((index, at) => {
      expect(index).toBeLessThan(hashedDimensions);
      if (at > 0) expect(index).toBeGreaterThan(indices[at - 1] as number);
    });
    expect(surface.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  test("an empty prompt has no indices", () => expect(featuresOf("").indices.length).toBe(0));

  test("the same text has the same features, whatever came before", () => {
    const first = featuresOf(question);
    featuresOf("something else entirely");
    expect(featuresOf(question)).toEqual(first);
  });

  test("case and numbers make no new words", () =>
    expect(featuresOf("Add 17 APPLES").indices).toEqual(featuresOf("add 42 apples").indices));

  test("texts of one kind share more than texts of two", () => {
    const other = "Which of these is an even number?\nA. 3\nB. 8\nC. 9\nD. 15\nAnswer:";
    expect(shared(question, other)).toBeGreaterThan(4 * shared(question, "def add(left, right): return left + right"));
  });

  test("long prompts keep the same sample of what they share", () => {
    const body = Array.from({ length: 900 }, (_, at) => (at * 7_919).toString(36)).join(" ");
    expect(shared(`one beginning ${body}`, `another ${body}`)).toBeGreaterThan(0.8 * (wordCapacity + gramCapacity));
  });

  test("the surface says what kind of text it is", () => {
    expect(dense(question, "options")).toBeGreaterThan(dense("What is a prime number?", "options"));
    expect(dense(question, "endsWithColon")).toBe(1);
    expect(dense("Why?", "endsAsQuestion")).toBe(1);
    expect(dense("$\\frac{1}{2} + \\sqrt{3}$", "latex")).toBeGreaterThan(0.2);
    expect(dense("def f(x):\n    return x", "codeWords")).toBeGreaterThan(dense("a plain text", "codeWords"));
  });
});

describe("packFeatures", () => {
  const long = Array.from({ length: 3_000 }, (_, at) => (at * 104_729).toString(36)).join(" ");
  test.each([
    ["empty", ""],
    ["options", question],
    ["as many features as are kept", long],
  ])("%s: read back, within 1.5 kB", (_, text) => {
    const features = featuresOf(text);
    const packed = packFeatures(features);
    expect(packed.length).toBeLessThanOrEqual(1_536);
    const back = unpackFeatures(packed);
    expect(back.indices).toEqual(features.indices);
    expect(back.values).toEqual(features.values);
    back.dense.forEach((value, at) => {
      expect(value).toBeCloseTo(features.dense[at] as number, 2);
    });
  });

  test("words lie below pairs of characters", () =>
    expect(featuresOf("word").indices.some((index) => index < wordBuckets)).toBe(true));

  test.each([
    ["no base64", "%%%"],
    ["cut short", packFeatures(featuresOf(question)).slice(0, 20)],
    ["another version", btoa(`\u0009${"x".repeat(60)}`)],
    ["a number without an end", btoa(`\u0001${"x".repeat(denseNames.length)}\u00ff\u00ff\u00ff\u00ff`)],
    ["an index too large", btoa(`\u0001${"x".repeat(denseNames.length)}\u00ff\u00ff\u0007`)],
  ])("%s: a clear error", (_, text) => expect(() => unpackFeatures(text)).toThrow(/stored features cannot be read/));
});

import { describe, expect, test } from "bun:test";
import { encryption } from "../runtime/encryption.ts";
import { createSeal } from "./seal.ts";
import { answerOf, keyed } from "./testing.ts";

const seal = createSeal(Buffer.from("a secret of at least thirty-two characters"), encryption);
const entry = { id: "id", callId: "call" };
const answer = { ...answerOf("what the model said"), contentType: "text/event-stream; charset=utf-8", status: 200 };

const changedAt = (bytes: Uint8Array, index: number): Uint8Array =>
  bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));

describe("seal", () => {
  test("opens what it closed, and shows nothing of it", () => {
    const sealed = seal.close(answer, entry);
    expect(Buffer.from(sealed).includes("model")).toBe(false);
    const { body, ...head } = seal.open(Uint8Array.from(sealed), entry);
    expect([head, Buffer.from(body).toString()]).toEqual([
      { status: 200, contentType: answer.contentType },
      "what the model said",
    ]);
    expect(seal.open(seal.close(answerOf(""), entry), entry).body).toHaveLength(0);
    expect(seal.close(answer, entry)).not.toEqual(sealed);
  });

  test("refuses each changed byte, a cut, another entry and another secret", () => {
    const sealed = seal.close(answer, entry);
    for (let index = 0; index < sealed.length; index++)
      expect(() => seal.open(changedAt(sealed, index), entry)).toThrow();
    for (const length of [0, 10, 27, sealed.length - 1])
      expect(() => seal.open(sealed.subarray(0, length), entry)).toThrow();
    expect(() => seal.open(sealed, { ...entry, id: "other" })).toThrow();
    expect(() => seal.open(sealed, { ...entry, callId: "other" })).toThrow();
    expect(() => createSeal(Buffer.from("another secret"), encryption).open(sealed, entry)).toThrow();
  });

  test("ids tell tenants, API keys and texts apart, whatever they hold", () => {
    const parts = ["", "a", "b", "ab", '","', "null"];
    const ids = parts.flatMap((tenant) =>
      [null, ...parts].flatMap((keyId) => parts.map((key) => seal.idOf(keyed({ key, caller: { tenant, keyId } })))),
    );
    expect(new Set(ids).size).toBe(6 * 7 * 6);
    expect(seal.idOf(keyed({ caller: { team: "x", role: "admin" } }))).toBe(seal.idOf(keyed()));
  });

  test("fingerprints tell paths and bodies apart", () => {
    const texts = ["", "a", '"', '"a', 'a"', "b"];
    const prints = texts.flatMap((path) => texts.map((body) => seal.fingerprintOf({ path, body })));
    expect(new Set(prints).size).toBe(36);
    expect(createSeal(Buffer.from("another"), encryption).fingerprintOf({ path: "", body: "" })).not.toBe(prints[0]);
  });
});

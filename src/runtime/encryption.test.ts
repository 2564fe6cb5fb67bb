import { describe, expect, test } from "bun:test";
import { encryption } from "./encryption.ts";

const key = encryption.derive(Buffer.from("a secret"), "a test");
const bytes = Buffer.from("what nobody else may read");
const boundTo = "its place";

describe("encryption", () => {
  test("opens what it closed, and is never the same twice", () => {
    const closed = encryption.encrypt({ key, bytes, boundTo });
    expect(Buffer.from(closed).includes("nobody")).toBe(false);
    expect(Buffer.from(encryption.decrypt({ key, bytes: closed, boundTo })).toString()).toBe(bytes.toString());
    expect(encryption.encrypt({ key, bytes, boundTo })).not.toEqual(closed);
  });

  test("refuses each changed byte, a cut, another place and another key", () => {
    const closed = Uint8Array.from(encryption.encrypt({ key, bytes, boundTo }));
    const open = (changed: Partial<Parameters<typeof encryption.decrypt>[0]>) => () =>
      encryption.decrypt({ key, bytes: closed, boundTo, ...changed });
    expect(open({})).not.toThrow();
    for (let index = 0; index < closed.length; index++)
      expect(open({ bytes: closed.map((byte, at) => (at === index ? byte ^ 1 : byte)) })).toThrow();
    for (const length of [0, 10, 27, closed.length - 1]) expect(open({ bytes: closed.subarray(0, length) })).toThrow();
    expect(open({ boundTo: "another place" })).toThrow();
    expect(open({ key: encryption.derive(Buffer.from("a secret"), "another use") })).toThrow();
  });
});

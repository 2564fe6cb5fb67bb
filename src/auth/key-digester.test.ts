import { expect, test } from "bun:test";
import { digestKey } from "./api-key.ts";
import { createKeyDigester } from "./key-digester.ts";

test("gives the digest of the pepper, at first, again, and after more keys than it remembers", () => {
  const pepper = new Uint8Array(32).fill(7);
  const digest = createKeyDigester(pepper, 3);
  const keys = Array.from({ length: 10 }, (_, index) => `ir-key-${index}`);
  for (const key of [...keys, ...keys.toReversed(), ...keys]) expect(digest(key)).toBe(digestKey(pepper, key));
  const other = createKeyDigester(new Uint8Array(32), 3);
  expect(other("ir-key-1")).not.toBe(digest("ir-key-1"));
});

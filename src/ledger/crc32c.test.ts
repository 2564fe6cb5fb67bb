import { expect, test } from "bun:test";
import { crc32c } from "./crc32c.ts";

const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);
// RFC 3720, appendix B.4; the first two are the customary check values of the polynomial.
const vectors: readonly [string, Uint8Array, number][] = [
  ["nothing", new Uint8Array(), 0],
  ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["ascending", ascending, 0x46dd794e],
  ["descending", ascending.toReversed(), 0x113fdb5c],
];

for (const [name, bytes, expected] of vectors) test(`crc32c of ${name}`, () => expect(crc32c(bytes)).toBe(expected));

test("crc32c of a part, at every alignment, is that of the part alone", () => {
  const bytes = Uint8Array.from({ length: 50 }, (_, index) => (index * 37) & 0xff);
  for (let from = 0; from < 20; from++)
    for (let to = from; to <= bytes.length; to++) expect(crc32c(bytes, from, to)).toBe(crc32c(bytes.slice(from, to)));
});

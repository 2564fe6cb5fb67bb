import { expect, test } from "bun:test";
import { checksumOf } from "./checksum.ts";

const digits = new TextEncoder().encode("-123456789-");
// The customary check values of both polynomials.
const cases: readonly (readonly [number, number])[] = [
  [1, 0xe3069283],
  [2, 0xe3069283],
  [3, 0xcbf43926],
  [4, 0xcbf43926],
];

test.each(cases)("the checksum of version %d is over the part alone", (version, expected) => {
  expect(checksumOf(version, digits, 1, 10)).toBe(expected);
});

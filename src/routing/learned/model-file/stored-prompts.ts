import type { StoredPrompts } from "../neighbours.ts";
import { lengthsOf, startsOf } from "./quantise.ts";
import type { SectionArray } from "./sections.ts";

/** Steps of a stored value on either side of 0: similarities are sums of dozens, in which their errors vanish. */
const valueLevels = 31;

/**
 * Stored prompts as sections: gaps between ascending indices, their low and high bytes apart since only those compress,
 * and values in whole steps.
 */
export const encodeStored = ({
  starts,
  indices,
  values,
}: StoredPrompts): readonly (readonly [string, SectionArray])[] => {
  let most = 1e-9;
  for (const value of values) most = Math.max(most, Math.abs(value));
  const unit = most / valueLevels;
  const low = new Uint8Array(indices.length);
  const high = new Uint8Array(indices.length);
  const codes = new Int8Array(indices.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    let before = 0;
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
      const index = indices[at] as number;
      low[at] = (index - before) & 255;
      high[at] = (index - before) >>> 8;
      codes[at] = Math.round((values[at] as number) / unit);
      before = index;
    }
  }
  return [
    ["storedLengths", lengthsOf(starts)],
    ["storedLow", low],
    ["storedHigh", high],
    ["storedValues", codes],
    ["storedUnit", Float64Array.of(unit)],
  ];
};

export interface StoredSections {
  readonly lengths: Uint16Array;
  readonly low: Uint8Array;
  readonly high: Uint8Array;
  readonly codes: Int8Array;
  readonly unit: number;
}

/** Undefined where an index reaches `dimensions`. The arrays are as long as the lengths add up to. */
export const decodeStored = (
  { lengths, low, high, codes, unit }: StoredSections,
  dimensions: number,
): StoredPrompts | undefined => {
  const starts = startsOf(lengths);
  const indices = new Uint16Array(codes.length);
  const values = new Float32Array(codes.length);
  for (let row = 0; row < lengths.length; row++) {
    const end = starts[row + 1] as number;
    let index = 0;
    for (let at = starts[row] as number; at < end; at++) {
      index += ((high[at] as number) << 8) | (low[at] as number);
      indices[at] = index;
      values[at] = (codes[at] as number) * unit;
    }
    if (index >= dimensions) return undefined;
  }
  return { starts, indices, values };
};

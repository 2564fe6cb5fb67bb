import type { SectionArray } from "./sections.ts";

/** A gap that stands for this many zeros and no number. */
const longGap = 255;

/** Which rows of a matrix a section holds, `width` numbers each. */
export interface MatrixShape {
  readonly width: number;
  readonly rows: Uint16Array;
}

/**
 * Sections `NAME.gaps`, `NAME.codes` and `NAME.units`: the numbers of some rows as whole numbers from −levels to levels
 * (127 at most) in units of their column, each with the number of zeros before it. Zeros are most of them.
 */
export const encodeMatrix = (
  name: string,
  values: Float32Array,
  { width, rows, levels }: MatrixShape & { readonly levels: number },
): readonly (readonly [string, SectionArray])[] => {
  const units = new Float32Array(width);
  for (const row of rows)
    for (let at = 0; at < width; at++)
      units[at] = Math.max(units[at] as number, Math.abs(values[row * width + at] as number));
  for (let at = 0; at < width; at++) units[at] = Math.max(1e-12, (units[at] as number) / levels);
  const gaps: number[] = [];
  const codes: number[] = [];
  let zeros = 0;
  for (const row of rows)
    for (let at = 0; at < width; at++) {
      const code = Math.round((values[row * width + at] as number) / (units[at] as number));
      if (code === 0) {
        if (++zeros === longGap) {
          gaps.push(longGap);
          zeros = 0;
        }
        continue;
      }
      gaps.push(zeros);
      codes.push(code);
      zeros = 0;
    }
  return [
    [`${name}.gaps`, Uint8Array.from(gaps)],
    [`${name}.codes`, Int8Array.from(codes)],
    [`${name}.units`, units],
  ];
};

export interface MatrixSections {
  readonly gaps: Uint8Array;
  readonly codes: Int8Array;
  /** As many as the matrix is wide. */
  readonly units: Float32Array;
}

/** Writes the numbers of {@link encodeMatrix} into a matrix of zeros. False where they do not fit its rows. */
export const decodeMatrix = (
  { gaps, codes, units }: MatrixSections,
  { width, rows }: MatrixShape,
  into: Float32Array,
): boolean => {
  const size = width * rows.length;
  let place = 0;
  let next = 0;
  for (let at = 0; at < gaps.length; at++) {
    const gap = gaps[at] as number;
    place += gap;
    if (gap === longGap) continue;
    if (place >= size || next >= codes.length) return false;
    const row = Math.floor(place / width);
    const column = place - row * width;
    into[(rows[row] as number) * width + column] = (codes[next] as number) * (units[column] as number);
    next++;
    place++;
  }
  return next === codes.length;
};

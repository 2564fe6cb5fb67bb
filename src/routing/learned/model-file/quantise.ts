/** Rows of `width` numbers as whole numbers from −127 to 127, and the unit of each column. */
export interface Quantised {
  readonly codes: Int8Array;
  readonly units: Float32Array;
}

/** The rows that `rows` names, each column in units of its own largest number / 127. */
export const quantise = (values: Float32Array, width: number, rows: Uint16Array): Quantised => {
  const units = new Float32Array(width);
  for (const row of rows)
    for (let at = 0; at < width; at++)
      units[at] = Math.max(units[at] as number, Math.abs(values[row * width + at] as number));
  for (let at = 0; at < width; at++) units[at] = Math.max(1e-12, (units[at] as number) / 127);
  const codes = new Int8Array(rows.length * width);
  for (const [place, row] of rows.entries())
    for (let at = 0; at < width; at++)
      codes[place * width + at] = Math.round((values[row * width + at] as number) / (units[at] as number));
  return { codes, units };
};

/** The values of {@link quantise} at their rows, of `height` rows in all; the others are 0. */
export const restore = ({ codes, units }: Quantised, rows: Uint16Array, height: number): Float32Array => {
  const width = units.length;
  const values = new Float32Array(height * width);
  for (const [place, row] of rows.entries())
    for (let at = 0; at < width; at++)
      values[row * width + at] = (codes[place * width + at] as number) * (units[at] as number);
  return values;
};

const usdSteps = 1_500;
const usdShift = 25;

/** Amounts of USD on a logarithmic scale, to 0.07 %; 0 stays 0. */
export const encodeUsd = (amounts: Float32Array): Uint16Array =>
  Uint16Array.from(amounts, (usd) =>
    usd <= 0 ? 0 : Math.max(1, Math.min(65_535, Math.round((Math.log(usd) + usdShift) * usdSteps))),
  );

export const decodeUsd = (codes: Uint16Array): Float32Array =>
  Float32Array.from(codes, (code) => (code === 0 ? 0 : Math.exp(code / usdSteps - usdShift)));

/** Numbers from 0 to 1 in steps of 1/`steps`. */
export const encodeShares = (shares: Float32Array, steps: 255 | 65_535): Uint8Array | Uint16Array =>
  steps === 255
    ? Uint8Array.from(shares, (share) => Math.round(share * steps))
    : Uint16Array.from(shares, (share) => Math.round(share * steps));

export const decodeShares = (codes: Uint8Array | Uint16Array, steps: 255 | 65_535): Float32Array =>
  Float32Array.from(codes, (code) => code / steps);

/** Ends of consecutive runs as their lengths, and back. */
export const lengthsOf = (starts: Uint32Array): Uint16Array =>
  Uint16Array.from({ length: starts.length - 1 }, (_, at) => (starts[at + 1] as number) - (starts[at] as number));

export const startsOf = (lengths: Uint16Array): Uint32Array => {
  const starts = new Uint32Array(lengths.length + 1);
  for (const [at, length] of lengths.entries()) starts[at + 1] = (starts[at] as number) + length;
  return starts;
};

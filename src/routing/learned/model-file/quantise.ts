import { hashedDimensions } from "../features/prompt-features.ts";
import { spaceDimensions } from "../space.ts";

/** The dimensions of the surface features and the constant, which every model has. */
export const surfaceDimensions = Uint16Array.from(
  { length: spaceDimensions - hashedDimensions },
  (_, at) => hashedDimensions + at,
);

/** The hashed dimensions that a model has, and those of the surface. */
export const withSurface = (active: Uint16Array): Uint16Array => {
  const all = new Uint16Array(active.length + surfaceDimensions.length);
  all.set(active);
  all.set(surfaceDimensions, active.length);
  return all;
};

const usdSteps = 200;
const usdShift = 25;

/** Amounts of USD on a logarithmic scale, to 0.25 %; 0 stays 0. */
export const encodeUsd = (amounts: Float32Array): Uint16Array =>
  Uint16Array.from(amounts, (usd) =>
    usd <= 0 ? 0 : Math.max(1, Math.min(65_535, Math.round((Math.log(usd) + usdShift) * usdSteps))),
  );

export const decodeUsd = (codes: Uint16Array): Float32Array => {
  const amounts = new Float32Array(codes.length);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    amounts[at] = code === 0 ? 0 : Math.exp(code / usdSteps - usdShift);
  }
  return amounts;
};

/** Numbers from 0 to 1 in steps of 1/255. */
export const encodeShares = (shares: Float32Array): Uint8Array => {
  const codes = new Uint8Array(shares.length);
  for (let at = 0; at < shares.length; at++) codes[at] = Math.round((shares[at] as number) * 255);
  return codes;
};

export const decodeShares = (codes: Uint8Array): Float32Array => {
  const shares = new Float32Array(codes.length);
  for (let at = 0; at < codes.length; at++) shares[at] = (codes[at] as number) / 255;
  return shares;
};

/** Ends of consecutive runs as their lengths, and back. */
export const lengthsOf = (starts: Uint32Array): Uint16Array =>
  Uint16Array.from({ length: starts.length - 1 }, (_, at) => (starts[at + 1] as number) - (starts[at] as number));

export const startsOf = (lengths: Uint16Array): Uint32Array => {
  const starts = new Uint32Array(lengths.length + 1);
  for (let at = 0; at < lengths.length; at++) starts[at + 1] = (starts[at] as number) + (lengths[at] as number);
  return starts;
};

import { GatewayError } from "../../../core/errors.ts";
import { featureVersion, hashedDimensions, type PromptFeatures, repeatedWeight } from "./prompt-features.ts";
import { denseDimensions } from "./surface.ts";

const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/**
 * Features as text of at most 1.5 kB, to be stored with a decision and learned from later. First byte: the version of
 * the feature space; then the surface features, a byte each; then the gaps between indices as variable-length numbers,
 * whose lowest bit says "occurs again". Lossless but for the surface features, which keep 8 bits. The prompt cannot be
 * read back: its words are hashed into buckets that hundreds share, without their order.
 */
export const packFeatures = (features: PromptFeatures): string => {
  const bytes = new Uint8Array(1 + denseDimensions + features.indices.length * 3);
  bytes[0] = featureVersion;
  for (let at = 0; at < denseDimensions; at++) bytes[1 + at] = Math.round((features.dense[at] as number) * 255);
  let end = 1 + denseDimensions;
  let before = -1;
  for (let at = 0; at < features.indices.length; at++) {
    const index = features.indices[at] as number;
    let rest = ((index - before - 1) << 1) | ((features.values[at] as number) > 1 ? 1 : 0);
    for (; rest > 127; rest >>>= 7) bytes[end++] = (rest & 127) | 128;
    bytes[end++] = rest;
    before = index;
  }
  return base64Of(bytes.subarray(0, end));
};

const broken = (why: string): GatewayError =>
  new GatewayError("invalid_value", `The stored features cannot be read: ${why}. Leave this record out.`);

/** Features from {@link packFeatures}. Throws `invalid_value` for text that it did not write, or another version's. */
export const unpackFeatures = (text: string): PromptFeatures => {
  let binary: string;
  try {
    binary = atob(text);
  } catch (cause) {
    throw new GatewayError("invalid_value", "The stored features cannot be read: they are not base64.", { cause });
  }
  if (binary.length < 1 + denseDimensions) throw broken("they are cut short");
  if (binary.charCodeAt(0) !== featureVersion)
    throw broken(`they are of version ${binary.charCodeAt(0)}, and this program knows version ${featureVersion}`);
  const dense = Float32Array.from({ length: denseDimensions }, (_, at) => binary.charCodeAt(1 + at) / 255);
  const indices: number[] = [];
  const values: number[] = [];
  let before = -1;
  for (let at = 1 + denseDimensions; at < binary.length; ) {
    let number = 0;
    let shift = 0;
    for (;;) {
      if (at >= binary.length || shift > 14) throw broken("a number in them does not end");
      const byte = binary.charCodeAt(at++);
      number |= (byte & 127) << shift;
      shift += 7;
      if (byte < 128) break;
    }
    before += (number >>> 1) + 1;
    if (before >= hashedDimensions) throw broken("an index is too large");
    indices.push(before);
    values.push((number & 1) === 1 ? repeatedWeight : 1);
  }
  return { indices: Uint16Array.from(indices), values: Float32Array.from(values), dense };
};

import { GatewayError } from "../../../core/errors.ts";

const arrays = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
} as const;

type Kind = keyof typeof arrays;
export type SectionArray = Float32Array | Float64Array | Int8Array | Uint8Array | Uint16Array | Uint32Array;

/** Named arrays, and a few plain values beside them. */
export interface Sections {
  readonly values: Readonly<Record<string, unknown>>;
  readonly arrays: ReadonlyMap<string, SectionArray>;
}

interface Entry {
  readonly name: string;
  readonly kind: Kind;
  readonly length: number;
}

const kindOf = (array: SectionArray): Kind => {
  for (const kind of Object.keys(arrays) as Kind[]) if (array instanceof arrays[kind]) return kind;
  throw new TypeError("an array of no known kind");
};

const aligned = (size: number): number => Math.ceil(size / 8) * 8;

/** A length, a JSON document that lists the arrays, and the arrays one after the other, each at a multiple of 8 bytes. */
export const encodeSections = (sections: Sections): Uint8Array<ArrayBuffer> => {
  const entries = [...sections.arrays].map(
    ([name, array]): Entry => ({ name, kind: kindOf(array), length: array.length }),
  );
  const head = new TextEncoder().encode(JSON.stringify({ values: sections.values, entries }));
  let size = aligned(8 + head.length);
  const places = [...sections.arrays.values()].map((array) => {
    const place = size;
    size = aligned(size + array.byteLength);
    return place;
  });
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 8);
  for (const [at, array] of [...sections.arrays.values()].entries())
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), places[at] as number);
  return bytes;
};

const isEntry = (value: unknown): value is Entry => {
  if (typeof value !== "object" || value === null) return false;
  const { name, kind, length } = value as Partial<Entry>;
  return (
    typeof name === "string" &&
    typeof kind === "string" &&
    Object.hasOwn(arrays, kind) &&
    Number.isSafeInteger(length) &&
    (length as number) >= 0
  );
};

const broken = (cause?: unknown): GatewayError =>
  new GatewayError("invalid_value", "The model file's table of contents cannot be read. Train it again.", { cause });

/** The sections of {@link encodeSections}. Throws GatewayError `invalid_value` where the bytes are not such. */
export const decodeSections = (bytes: Uint8Array): Sections => {
  if (bytes.length < 8) throw broken();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (8 + length > bytes.length) throw broken();
  let head: { values?: unknown; entries?: unknown };
  try {
    head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as typeof head;
  } catch (cause) {
    throw broken(cause);
  }
  const { values, entries } = head;
  if (!Array.isArray(entries) || typeof values !== "object" || values === null) throw broken();
  let place = aligned(8 + length);
  const found = new Map<string, SectionArray>();
  for (const entry of entries as unknown[]) {
    if (!isEntry(entry)) throw broken();
    const size = entry.length * arrays[entry.kind].BYTES_PER_ELEMENT;
    if (place + size > bytes.length) throw broken();
    // Copied: arrays must begin at multiples of their own size, and the file need not stay in memory. What files are read
    // into is a Buffer, whose own `slice` copies nothing.
    const copy = new Uint8Array(bytes.subarray(place, place + size));
    found.set(entry.name, new arrays[entry.kind](copy.buffer, 0, entry.length));
    place = aligned(place + size);
  }
  return { values: values as Record<string, unknown>, arrays: found };
};

/** A value of a GGUF file's header; numbers carry the width the reader expects. */
export type GgufValue =
  | { type: "uint32"; value: number }
  | { type: "int32"; value: number }
  | { type: "float32"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "array"; of: "int32" | "float32"; value: readonly number[] }
  | { type: "array"; of: "string"; value: readonly string[] };

/** A tensor of 32-bit floats. The first dimension is the one that lies together in memory. */
export interface GgufTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly data: Float32Array;
}

const TYPE_CODES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const FLOAT32_TENSOR = 0;
const ALIGNMENT = 32;

/**
 * Lays out a model file in GGUF version 3, little endian, with unquantised tensors.
 * Format: the file `docs/gguf.md` of the ggml project.
 */
export const encodeGguf = (
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Uint8Array<ArrayBuffer> => {
  const header = new LittleEndianWriter();
  header.bytes(new TextEncoder().encode("GGUF"));
  header.uint32(3);
  header.uint64(tensors.length);
  header.uint64(Object.keys(metadata).length);
  for (const [key, entry] of Object.entries(metadata)) {
    header.string(key);
    header.uint32(TYPE_CODES[entry.type]);
    writeValue(header, entry);
  }
  let offset = 0;
  for (const tensor of tensors) {
    writeTensorInfo(header, tensor, offset);
    offset += aligned(tensor.data.byteLength);
  }
  header.padTo(ALIGNMENT);
  for (const tensor of tensors) {
    header.bytes(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
    header.padTo(ALIGNMENT);
  }
  return header.finish();
};

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

const writeTensorInfo = (writer: LittleEndianWriter, tensor: GgufTensor, offset: number): void => {
  writer.string(tensor.name);
  writer.uint32(tensor.dimensions.length);
  for (const dimension of tensor.dimensions) writer.uint64(dimension);
  writer.uint32(FLOAT32_TENSOR);
  writer.uint64(offset);
};

const writeValue = (writer: LittleEndianWriter, entry: GgufValue): void => {
  switch (entry.type) {
    case "string":
      writer.string(entry.value);
      break;
    case "bool":
      writer.bytes(Uint8Array.of(entry.value ? 1 : 0));
      break;
    case "array":
      writer.uint32(TYPE_CODES[entry.of]);
      writer.uint64(entry.value.length);
      if (entry.of === "string") for (const item of entry.value) writer.string(item);
      else for (const item of entry.value) writer[entry.of](item);
      break;
    default:
      writer[entry.type](entry.value);
  }
};

class LittleEndianWriter {
  #buffer = new ArrayBuffer(1 << 16);
  #length = 0;

  bytes(source: Uint8Array): void {
    new Uint8Array(this.#reserve(source.length).buffer).set(source, this.#length - source.length);
  }
  uint32(value: number): void {
    this.#reserve(4).setUint32(this.#length - 4, value, true);
  }
  int32(value: number): void {
    this.#reserve(4).setInt32(this.#length - 4, value, true);
  }
  float32(value: number): void {
    this.#reserve(4).setFloat32(this.#length - 4, value, true);
  }
  uint64(value: number): void {
    this.#reserve(8).setBigUint64(this.#length - 8, BigInt(value), true);
  }
  string(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.uint64(encoded.length);
    this.bytes(encoded);
  }
  padTo(alignment: number): void {
    this.#reserve((alignment - (this.#length % alignment)) % alignment);
  }
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer.slice(0, this.#length));
  }

  #reserve(size: number): DataView<ArrayBuffer> {
    this.#length += size;
    if (this.#length > this.#buffer.byteLength)
      this.#buffer = this.#buffer.transfer(Math.max(this.#length, this.#buffer.byteLength * 2));
    return new DataView(this.#buffer);
  }
}

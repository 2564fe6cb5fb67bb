import { closeSync, openSync, readSync } from "node:fs";

/** A part of a file, in bytes. */
export interface Section {
  readonly offset: number;
  readonly length: number;
}

const readAt = (file: number, position: number, length: number): DataView => {
  const bytes = new Uint8Array(length);
  readSync(file, bytes, 0, length, position);
  return new DataView(bytes.buffer);
};

const nameAt = (names: DataView, at: number): string => {
  const bytes = new Uint8Array(names.buffer).subarray(at);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
};

/** Where a section of a 64-bit, little-endian ELF file lies; undefined where it has none of that name. */
export const findElfSection = (path: string, name: string): Section | undefined => {
  const file = openSync(path, "r");
  try {
    const head = readAt(file, 0, 64);
    if (head.getUint32(0) !== 0x7f454c46 || head.getUint16(4) !== 0x0201) return undefined;
    const entryBytes = head.getUint16(0x3a, true);
    const count = head.getUint16(0x3c, true);
    if (count === 0) return undefined;
    const table = readAt(file, Number(head.getBigUint64(0x28, true)), entryBytes * count);
    const section = (index: number): Section => ({
      offset: Number(table.getBigUint64(index * entryBytes + 0x18, true)),
      length: Number(table.getBigUint64(index * entryBytes + 0x20, true)),
    });
    const { offset, length } = section(head.getUint16(0x3e, true));
    const names = readAt(file, offset, length);
    for (let index = 0; index < count; index++)
      if (nameAt(names, table.getUint32(index * entryBytes, true)) === name) return section(index);
    return undefined;
  } finally {
    closeSync(file);
  }
};

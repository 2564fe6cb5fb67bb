import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { type ReadRecord, readSegment } from "./segment.ts";

// A chunk is a transaction, and calls that are open at its end are entered as such, only to be removed with the next: for
// a busy gateway chunks of 256 KB took a sixth longer. Larger ones than this fold no faster and leave more garbage.
const chunkBytes = 1024 * 1024;

// Records keep nothing of the bytes that they were read from, so one buffer serves all reads.
let buffer = new Uint8Array(0);
const bytesFor = (length: number): Uint8Array => {
  if (buffer.length < length) buffer = new Uint8Array(Math.max(length, Math.min(2 * length, chunkBytes)));
  return buffer.subarray(0, length);
};

/** A stretch of a segment file that goes into the database as one group. */
export interface Stretch {
  readonly records: readonly ReadRecord[];
  readonly from: number;
  readonly to: number;
  /** Unreadable bytes before `to`; whole frames follow them. */
  readonly gapBytes: number;
}

export interface StretchRead {
  readonly stretch: Stretch;
  /** Nothing whole follows in the file as it is now; `newer`: what follows needs a newer program. */
  readonly rest: "more" | "none" | "newer";
}

/** The next stretch of a segment from `from` on; undefined where the file is gone. */
export const readStretch = (directory: string, name: string, from: number): StretchRead | undefined => {
  const descriptor = openExisting(join(directory, name));
  if (descriptor === undefined) return undefined;
  try {
    const { size } = fstatSync(descriptor);
    for (let length = chunkBytes; ; length *= 4) {
      const read = readFrom(descriptor, from, Math.min(length, Math.max(0, size - from)), size);
      if (read !== undefined) return read;
    }
  } finally {
    closeSync(descriptor);
  }
};

// Undefined asks for a longer chunk: the first frame does not fit.
const readFrom = (descriptor: number, from: number, length: number, size: number): StretchRead | undefined => {
  const bytes = bytesFor(length);
  const chunk = bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
  const { records, end, tail, resumesAt } = readSegment(chunk);
  const reachesEnd = from + chunk.length >= size || chunk.length < length;
  if (tail === "corrupt" && resumesAt !== undefined)
    return { stretch: { records, from, to: from + resumesAt, gapBytes: resumesAt - end }, rest: "more" };
  const stretch = { records, from, to: from + end, gapBytes: 0 };
  if (tail === "newer") return { stretch, rest: "newer" };
  if (reachesEnd) return { stretch, rest: "none" };
  return end === 0 ? undefined : { stretch, rest: "more" };
};

const openExisting = (path: string): number | undefined => {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
};

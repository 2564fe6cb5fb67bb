import { readdirSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { parseSegmentName, type SegmentName } from "./owner.ts";

/** The segments of a directory, in the order of their sequence; none where the directory is not there yet. */
export const listSegments = (directory: string): readonly SegmentName[] =>
  (withoutMissing(() => readdirSync(directory)) ?? [])
    .flatMap((name) => parseSegmentName(name) ?? [])
    .sort((a, b) => a.sequence - b.sequence);

/** Undefined where the file is gone. */
export const statSegment = (directory: string, name: string): Stats | undefined =>
  statSync(join(directory, name), { throwIfNoEntry: false });

export const removeSegment = (directory: string, name: string): void => rmSync(join(directory, name), { force: true });

const damagedSuffix = ".corrupt";

/** Keeps a damaged segment under a name that is not read any more. */
export const setAside = (directory: string, name: string): void => {
  withoutMissing(() => renameSync(join(directory, name), join(directory, `${name}${damagedSuffix}`)));
};

/** Segments that were set aside. */
export const listDamaged = (directory: string): readonly string[] =>
  (withoutMissing(() => readdirSync(directory)) ?? []).filter((name) => name.endsWith(damagedSuffix));

// Another process may fold the same directory and be first.
const withoutMissing = <Result>(work: () => Result): Result | undefined => {
  try {
    return work();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
};

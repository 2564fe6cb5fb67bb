import type { DispatchedRecord } from "../core/ledger.ts";
import type { FoldedCall, SegmentPosition } from "../core/ports/ledger-store.ts";
import type { Difference } from "./check-call.ts";
import { type Liveness, livenessOf, type SegmentName } from "./owner.ts";
import { listDamaged, listSegments, statSegment } from "./segment-directory.ts";
import { readStretch } from "./segment-reader.ts";

/** What the journals of a directory hold beyond their positions. */
export interface PendingJournal {
  readonly segments: number;
  readonly bytes: number;
  readonly settled: readonly FoldedCall[];
  readonly dispatched: readonly { readonly owner: string; readonly record: DispatchedRecord }[];
  readonly differences: readonly Difference[];
}

export interface ReadPendingOptions {
  readonly directory: string;
  readonly positions: ReadonlyMap<string, SegmentPosition>;
  readonly liveness?: (owner: string) => Liveness;
}

const damaged = (segment: string): Difference => ({
  kind: "gap",
  segment,
  text: "was damaged: records are lost. Remove the file once it was looked at",
});

/** Reads without changing anything; segments that a fold removes meanwhile are in the database, and left out. */
export const readPending = ({ directory, positions, liveness = livenessOf }: ReadPendingOptions): PendingJournal => {
  const settled: FoldedCall[] = [];
  const dispatched: PendingJournal["dispatched"][number][] = [];
  const differences: Difference[] = listDamaged(directory).map(damaged);
  let bytes = 0;

  const read = ({ name, owner }: SegmentName): void => {
    const { offset, gaps } = positions.get(name) ?? { offset: 0, gaps: 0 };
    const size = statSegment(directory, name)?.size ?? offset;
    const differ = (kind: Difference["kind"], text: string): void => {
      differences.push({ kind, segment: name, text });
    };
    if (gaps > 0) differ("gap", `has ${gaps} stretches that could not be read`);
    if (size < offset) {
      differ("position", `has ${size} bytes, and the database says that ${offset} were taken in`);
      return;
    }
    bytes += size - offset;
    let at = offset;
    for (;;) {
      const found = readStretch(directory, name, at);
      if (found === undefined) return;
      const { records, to, gapBytes } = found.stretch;
      for (const record of records) {
        const whole = record.type === "dispatched" ? record.read() : record;
        if (whole.type === "settled") settled.push(whole.call);
        else if (whole.type === "dispatched") dispatched.push({ owner, record: whole });
        else if (whole.type === "unknown") differ("unreadable", `holds a record that this version does not know`);
      }
      if (gapBytes > 0) differ("gap", `is damaged at ${to - gapBytes}: ${gapBytes} bytes are no record`);
      at = to;
      if (found.rest === "newer") differ("unreadable", `was written by a newer version from ${at} on`);
      if (found.rest !== "more") break;
    }
    // The last record of a process that runs may be on its way to the file.
    if (at < size && liveness(owner) === "dead")
      differ("gap", `ends within a record, ${size - at} bytes before its end`);
  };

  const segments = listSegments(directory);
  for (const segment of segments) read(segment);
  return { segments: segments.length, bytes, settled, dispatched, differences };
};

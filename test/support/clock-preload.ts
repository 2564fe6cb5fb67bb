// Preloaded into the program (BUN_OPTIONS=--preload=…), for tests only: its wall clock is off by as many milliseconds as a
// file says, and jumps when the file changes. Monotonic time goes on as it is.
import { readFileSync } from "node:fs";

const file = process.env["CLOCK_OFFSET_FILE"] ?? "";
if (file === "") throw new Error("CLOCK_OFFSET_FILE: expected the path of a file with a number");
const RealDate = globalThis.Date;
const freshMilliseconds = 5;
let readAt = Number.NEGATIVE_INFINITY;
let offset = 0;

const now = (): number => {
  if (performance.now() - readAt > freshMilliseconds) {
    const text = readFileSync(file, "utf8");
    // A file that is being written is empty for a moment.
    if (text !== "") offset = Number(text);
    readAt = performance.now();
  }
  return RealDate.now() + offset;
};

class ShiftedDate extends RealDate {
  constructor(...parts: [] | ConstructorParameters<DateConstructor>) {
    super(...((parts.length === 0 ? [now()] : parts) as [number]));
  }
  static override now(): number {
    return now();
  }
}
globalThis.Date = ShiftedDate as DateConstructor;

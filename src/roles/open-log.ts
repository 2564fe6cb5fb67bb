import { fstatSync } from "node:fs";
import type { UpOptions } from "../cli/roles.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { descriptorTarget, type LogTarget } from "../telemetry/log-output.ts";
import { type OpenLog, openLog } from "../telemetry/logger.ts";
import type { Configuration } from "./configuration.ts";

const standardError: LogTarget = {
  write: (bytes) => new Promise((resolve) => process.stderr.write(bytes, () => resolve())),
  writeNow: (bytes) => void process.stderr.write(bytes),
  close: () => undefined,
};

/** What a pipe takes whole, whoever else writes to it (PIPE_BUF, pipe(7)). */
const wholeBytes = 4_096;
const lineFeed = 0x0a;

/** Cuts lines into pieces of whole lines that a pipe takes whole each; a line that is longer stands alone. */
export const wholePieces = (bytes: Uint8Array): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, at) + 1 || bytes.length;
    if (end - start > wholeBytes && at > start) {
      pieces.push(bytes.subarray(start, at));
      start = at;
    }
    at = end;
  }
  return start === bytes.length ? pieces : [...pieces, bytes.subarray(start)];
};

/** A target that several processes write to at the same time: their lines do not get into each other. */
const inWholePieces = (target: LogTarget): LogTarget => ({
  async write(bytes) {
    for (const piece of wholePieces(bytes)) await target.write(piece);
  },
  writeNow(bytes) {
    for (const piece of wholePieces(bytes)) target.writeNow(piece);
  },
  close: target.close,
});

const isPipe = (descriptor: number): boolean => {
  try {
    const output = fstatSync(descriptor);
    return output.isFIFO() || output.isSocket();
  } catch {
    return false;
  }
};

const targetOf = (logs: UpOptions["logs"], writers: "one" | "several"): LogTarget | undefined => {
  const isShared = writers === "several" && isPipe(logs === "stderr" ? 2 : 1);
  if (logs === "stderr") return isShared ? inWholePieces(standardError) : standardError;
  return isShared ? inWholePieces(descriptorTarget(1)) : undefined;
};

/** Opens the log that the configuration asks for; `writers` says whether other processes write to the same output. */
export const openLogFor = (
  { logging }: Pick<Configuration, "logging">,
  logs: UpOptions["logs"],
  writers: "one" | "several",
): OpenLog => {
  const target = logging.file === undefined ? targetOf(logs, writers) : undefined;
  return openLog({ settings: logging, clock: systemClock, ...(target === undefined ? {} : { target }) });
};

import { fstatSync } from "node:fs";
import type { UpOptions } from "../cli/roles.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { descriptorTarget, type LogTarget } from "../telemetry/log-output.ts";
import { type OpenLog, openLog } from "../telemetry/logger.ts";
import type { Configuration } from "./configuration.ts";

const standardError: LogTarget = {
  write: (text) => new Promise((resolve) => process.stderr.write(text, () => resolve())),
  writeNow: (text) => void process.stderr.write(text),
  close: () => undefined,
};

/** What a pipe takes whole, whoever else writes to it (PIPE_BUF, pipe(7)). */
const wholeBytes = 4_096;

/** Cuts lines into pieces of whole lines that a pipe takes whole each; a line that is longer stands alone. */
export const wholePieces = (text: string): readonly string[] => {
  const pieces: string[] = [];
  let piece = "";
  let bytes = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const length = Buffer.byteLength(line);
    if (bytes + length > wholeBytes && piece !== "") {
      pieces.push(piece);
      piece = "";
      bytes = 0;
    }
    piece += line;
    bytes += length;
  }
  return piece === "" ? pieces : [...pieces, piece];
};

/** A target that several processes write to at the same time: their lines do not get into each other. */
const inWholePieces = (target: LogTarget): LogTarget => ({
  async write(text) {
    for (const piece of wholePieces(text)) await target.write(piece);
  },
  writeNow(text) {
    for (const piece of wholePieces(text)) target.writeNow(piece);
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

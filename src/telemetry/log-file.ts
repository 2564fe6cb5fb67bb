import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { Clock } from "../core/ports/clock.ts";
import { type LogTarget, writeAll, writeAllNow } from "./log-output.ts";

export interface LogFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** How many rotated files are kept. */
  readonly keep: number;
  readonly clock: Pick<Clock, "wall">;
}

interface OpenFile {
  readonly descriptor: number;
  readonly inode: number;
  /** The UTC day of its first line. */
  readonly day: string;
  size: number;
}

const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** `logs/gateway.log` of a day → `logs/gateway.2026-11-21.log`, then `….2026-11-21.1.log` and so on. */
const rotatedName = (path: string, day: string): string => {
  const ending = extname(path);
  const stem = path.slice(0, path.length - ending.length);
  for (let number = 0; ; number++) {
    const name = `${stem}.${day}${number === 0 ? "" : `.${number}`}${ending}`;
    if (!existsSync(name)) return name;
  }
};

const rotatedFiles = (path: string): readonly string[] => {
  const ending = extname(path);
  const start = `${basename(path, ending)}.`;
  return readdirSync(dirname(path))
    .flatMap((name) => {
      if (!name.startsWith(start) || !name.endsWith(ending)) return [];
      const match = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?$/.exec(name.slice(start.length, name.length - ending.length));
      return match === null ? [] : [{ name, day: match[1] ?? "", number: Number(match[2] ?? 0) }];
    })
    .sort((a, b) => (a.day === b.day ? a.number - b.number : a.day < b.day ? -1 : 1))
    .map(({ name }) => join(dirname(path), name));
};

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

/** A link fails where the name is taken, as a rename does not; where the disk knows no links, a rename must do. */
const nameAnew = (from: string, to: string): "named" | "taken" => {
  try {
    linkSync(from, to);
    rmSync(from);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "taken";
    renameSync(from, to);
  }
  return "named";
};

/**
 * Puts the file aside under its day's name. Several processes may do so at once: each first gives it a name of its own,
 * which one of them succeeds in, so that no file is put in another's place.
 */
const putAside = (path: string, day: string): void => {
  const own = `${path}.${process.pid}.rotating`;
  try {
    renameSync(path, own);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  while (nameAnew(own, rotatedName(path, day)) === "taken");
};

/**
 * A log file that is rotated when its UTC day ends and when it grows too large. Several processes may share one file:
 * lines are appended whole, and a file that another process or program moved away is opened anew.
 */
export const logFileTarget = ({ path, maxBytes, keep, clock }: LogFileOptions): LogTarget => {
  let file: OpenFile | undefined;
  let isWriting = false;

  const open = (): OpenFile => {
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, "a", 0o640);
    const { ino, size, mtimeMs } = fstatSync(descriptor);
    return { descriptor, inode: ino, size, day: dayOf(size > 0 ? mtimeMs : clock.wall()) };
  };

  const close = () => {
    if (file !== undefined) closeSync(file.descriptor);
    file = undefined;
  };

  /** The open file, with what others have written to it; undefined where it was moved away. */
  const present = (): OpenFile | undefined => {
    const there = file && statSync(path, { throwIfNoEntry: false });
    if (file === undefined || there?.ino !== file.inode) return undefined;
    file.size = Math.max(file.size, there.size);
    return file;
  };

  const rotate = ({ day }: OpenFile): OpenFile => {
    close();
    putAside(path, day);
    const rotated = rotatedFiles(path);
    for (const old of rotated.slice(0, Math.max(0, rotated.length - keep))) rmSync(old, { force: true });
    return open();
  };

  const ready = (bytes: number): OpenFile => {
    let current = present();
    if (current === undefined) {
      close();
      current = open();
    }
    file = current;
    const isOver = current.day !== dayOf(clock.wall()) || current.size + bytes > maxBytes;
    if (isOver && current.size > 0) current = rotate(current);
    current.size += bytes;
    file = current;
    return current;
  };

  return {
    write: async (bytes) => {
      const { descriptor } = ready(bytes.length);
      isWriting = true;
      try {
        await writeAll(descriptor, bytes);
      } finally {
        isWriting = false;
      }
    },
    writeNow: (bytes) => {
      // A write that is under way still needs its descriptor: no rotation then.
      const current = isWriting && file !== undefined ? file : ready(bytes.length);
      writeAllNow(current.descriptor, bytes);
    },
    close,
  };
};

import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { GatewayError } from "../core/errors.ts";
import type { AppendFile, OpenAppendFile } from "../core/ports/append-file.ts";

const fdatasyncLater = promisify(fdatasync);
const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;

/** Creates a file to append to, readable by its owner only. Throws GatewayError `storage_unavailable`. */
export const openAppendFile: OpenAppendFile = (path, durability) => {
  const descriptor = attempt(`create ${path}`, () => openSync(path, O_APPEND | O_CREAT | O_EXCL | O_WRONLY, 0o600));
  if (durability === "power") attempt(`sync the folder of ${path}`, () => syncFolder(dirname(path)));
  return new DescriptorFile(path, descriptor);
};

class DescriptorFile implements AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  #size = 0;
  #isSound = true;
  #isClosed = false;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  get size(): number {
    return this.#size;
  }
  get isSound(): boolean {
    return this.#isSound;
  }

  append(bytes: Uint8Array, length: number = bytes.length): void {
    if (!this.#isSound)
      throw new GatewayError(
        "storage_unavailable",
        `${this.path} is closed or ends in half a record; it is not written any more.`,
      );
    let written = 0;
    try {
      written = writeSync(this.#descriptor, bytes, 0, length);
      // A short write comes before the error that explains it (a full disk, a quota): ask for the rest to get it.
      while (written < length) {
        const more = writeSync(this.#descriptor, bytes, written, length - written);
        if (more === 0) throw new Error("nothing was written");
        written += more;
      }
      this.#size += length;
    } catch (error) {
      this.#cutBack();
      throw unavailable(`write ${this.path}`, error);
    }
  }

  sync = async (): Promise<void> => {
    try {
      await fdatasyncLater(this.#descriptor);
    } catch (error) {
      throw unavailable(`sync ${this.path}`, error);
    }
  };

  syncNow(): void {
    attempt(`sync ${this.path}`, () => fdatasyncSync(this.#descriptor));
  }

  touch(): void {
    const now = new Date();
    attempt(`touch ${this.path}`, () => futimesSync(this.#descriptor, now, now));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The system gives the descriptor's number to the next file that is opened.
    this.#isSound = false;
    closeSync(this.#descriptor);
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#descriptor, this.#size);
    } catch {
      this.#isSound = false;
    }
  }
}

const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const attempt = <Result>(what: string, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw unavailable(what, error);
  }
};

const unavailable = (what: string, cause: unknown): GatewayError => {
  const code = (cause as { code?: string }).code;
  const hint = (code === undefined ? undefined : hints[code]) ?? "Check the disk and the rights of the folder.";
  return new GatewayError("storage_unavailable", `Cannot ${what} (${code ?? String(cause)}). ${hint}`, { cause });
};

const hints: Record<string, string> = {
  ENOSPC: "The disk is full: free some space.",
  EDQUOT: "The disk quota is used up: free some space.",
  EFBIG: "The file is larger than the system allows.",
  EACCES: "The folder cannot be written: check its rights.",
  EROFS: "The disk is read-only.",
  ENOENT: "The folder does not exist.",
  EMFILE: "Too many files are open: raise the limit (ulimit -n).",
};

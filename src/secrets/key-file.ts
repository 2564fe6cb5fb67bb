import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { GatewayError } from "../core/errors.ts";

const firstLine = "intellirouter-master-keys-1";
const keyBytes = 32;
const keyLine = /^[A-Za-z0-9_-]{43}$/;

const codeOf = (thrown: unknown): unknown => (thrown as { readonly code?: unknown } | null)?.code;

const unusable = (file: string, reason: string, cause?: unknown): GatewayError =>
  new GatewayError("storage_unavailable", `The master key's file ${file} ${reason}`, { cause });

const parse = (file: string, text: string): readonly Uint8Array[] => {
  const [first, ...lines] = text.split("\n").filter((line) => line !== "");
  if (first !== firstLine || lines.length === 0 || !lines.every((line) => keyLine.test(line)))
    throw unusable(
      file,
      "is damaged, or a newer version of this program made it. Restore it from a backup: what it encrypted cannot be read without it.",
    );
  return lines.map((line) => new Uint8Array(Buffer.from(line, "base64url")));
};

/** The file that master keys are kept in, for its owner only. Synchronous: it is changed while the database is locked. */
export interface KeyFile {
  readonly path: string;
  /** The secrets in it, newest first; undefined where there is no file. */
  read(): readonly Uint8Array[] | undefined;
  /** Makes the file with a new secret, unless somebody else just did. One that is there is never changed. */
  make(): void;
  /** Puts others in the place of what it holds; a crash leaves the one or the other. */
  replace(secrets: readonly Uint8Array[]): void;
}

const syncFolder = (file: string): void => {
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

/** Written whole beside its place, and on the disk before it gets its name. */
const writeBeside = (file: string, secrets: readonly Uint8Array[]): string => {
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    const lines = [firstLine, ...secrets.map((secret) => Buffer.from(secret).toString("base64url"))];
    writeSync(descriptor, `${lines.join("\n")}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return temporary;
};

export const newSecret = (): Uint8Array => new Uint8Array(randomBytes(keyBytes));

/** Nothing is read or made yet. What it throws is GatewayError `storage_unavailable`. */
export const openKeyFile = (path: string): KeyFile => {
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown;
      const reason = `cannot be read or written (${String(codeOf(thrown) ?? thrown)}). Check the rights of its folder.`;
      throw unusable(path, reason, thrown);
    }
  };
  return {
    path,
    read: () =>
      guarded(() => {
        try {
          return parse(path, readFileSync(path, "utf8"));
        } catch (thrown) {
          if (codeOf(thrown) === "ENOENT") return undefined;
          throw thrown;
        }
      }),
    make: () =>
      guarded(() => {
        const temporary = writeBeside(path, [newSecret()]);
        try {
          // A link, unlike a new name, does not replace what is there.
          linkSync(temporary, path);
        } catch (thrown) {
          if (codeOf(thrown) !== "EEXIST") throw thrown;
        } finally {
          unlinkSync(temporary);
        }
        syncFolder(path);
      }),
    replace: (secrets) =>
      guarded(() => {
        renameSync(writeBeside(path, secrets), path);
        syncFolder(path);
      }),
  };
};

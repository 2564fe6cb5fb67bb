import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../core/errors.ts";
import type { Pepper } from "./api-key.ts";

const pepperBytes = 32;
const shortestText = 32;

const codeOf = (thrown: unknown): unknown => (thrown as { readonly code?: unknown } | null)?.code;

const readPepperFile = async (file: string): Promise<Pepper | undefined> => {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
  if (bytes.length === pepperBytes) return bytes;
  throw new GatewayError(
    "storage_unavailable",
    `${file} holds ${bytes.length} bytes and not ${pepperBytes}. Restore it from a backup: without it no key is recognised. To begin anew, delete it and make all keys again.`,
  );
};

/** Written whole beside its place and then linked there, so that of two processes that start at once one wins. */
const makePepperFile = async (directory: string, file: string): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(randomBytes(pepperBytes));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(temporary, file);
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  } finally {
    await unlink(temporary);
  }
};

export interface PepperOptions {
  /** The program's data folder; made where it does not exist. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The pepper: INTELLIROUTER_PEPPER (at least 32 characters), else the file `pepper` of the data folder (mode 0600),
 * made on first use. Throws `invalid_value` or `storage_unavailable`.
 */
export const loadPepper = async ({ directory, environment }: PepperOptions): Promise<Pepper> => {
  const text = environment["INTELLIROUTER_PEPPER"];
  if (text !== undefined) {
    if (text.trim() === "")
      throw new GatewayError(
        "invalid_value",
        "INTELLIROUTER_PEPPER is set and empty. Make one with: openssl rand -hex 32; or unset it.",
      );
    if (text.length >= shortestText) return new TextEncoder().encode(text);
    throw new GatewayError(
      "invalid_value",
      `INTELLIROUTER_PEPPER has ${text.length} characters; at least ${shortestText} are needed. Make one with: openssl rand -hex 32`,
    );
  }
  const file = join(directory, "pepper");
  try {
    const existing = await readPepperFile(file);
    if (existing !== undefined) return existing;
    await makePepperFile(directory, file);
    const made = await readPepperFile(file);
    if (made !== undefined) return made;
    throw new Error("it vanished while it was made");
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    const reason = String(codeOf(thrown) ?? thrown);
    throw new GatewayError(
      "storage_unavailable",
      `${file} cannot be read or made (${reason}). Check the folder's rights.`,
      {
        cause: thrown,
      },
    );
  }
};

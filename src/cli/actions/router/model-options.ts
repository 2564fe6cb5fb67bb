import { readFile, rename, writeFile } from "node:fs/promises";
import { decodeModel } from "../../../routing/learned/model-file/decode-model.ts";
import type { RouterModel } from "../../../routing/learned/router-model.ts";
import { CliError, wrongUsage } from "../../cli-error.ts";

/** `a,b` as names; undefined where the option is absent. */
export const readModelNames = (text: string | undefined): readonly string[] | undefined => {
  if (text === undefined) return undefined;
  const names = text.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
  if (names.length === 0) throw wrongUsage("--models takes names with commas between.");
  return [...new Set(names)];
};

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Reads a model file. Throws CliError where it cannot be read, and GatewayError where it is none. */
export const readModel = async (path: string): Promise<RouterModel> => {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    throw new CliError("failure", "unreadable_file", `Cannot read '${path}': ${reasonOf(thrown)}.`, thrown);
  }
  return decodeModel(bytes, path);
};

/** Writes a file whole or not at all: a reader never sees half of it. */
export const writeWhole = async (path: string, contents: Uint8Array | string): Promise<void> => {
  const beside = `${path}.${process.pid}.part`;
  try {
    await writeFile(beside, contents);
    await rename(beside, path);
  } catch (thrown) {
    throw new CliError("failure", "unwritable_file", `Cannot write '${path}': ${reasonOf(thrown)}.`, thrown);
  }
};

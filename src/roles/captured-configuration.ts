import { readFile } from "node:fs/promises";
import type { LocalOptions } from "../cli/roles.ts";
import { type Loaded, load } from "./load-configuration.ts";

/** All that a configuration was loaded from, as plain data: whoever loads it from this gets the same. */
export interface CapturedConfiguration {
  /** The bytes of each file that was read, in base64, by its path. */
  readonly files: Readonly<Record<string, string>>;
  /** Providers of the database that routes may name. */
  readonly stored: readonly string[];
}

/** Loads the configuration and keeps what it was loaded from. Throws ConfigurationError. */
export const loadCapturing = async (
  options: LocalOptions,
  stored: readonly string[],
): Promise<Loaded & { readonly captured: CapturedConfiguration }> => {
  const files: Record<string, string> = {};
  const loaded = await load(options, new Set(stored), {
    async readFile(path) {
      const bytes = await readFile(path);
      files[path] = bytes.toString("base64");
      return bytes;
    },
  });
  return { ...loaded, captured: { files, stored } };
};

/** Loads what another process has captured, whatever stands on the disk by now. Throws ConfigurationError. */
export const loadCaptured = (options: LocalOptions, { files, stored }: CapturedConfiguration): Promise<Loaded> =>
  load(options, new Set(stored), {
    readFile: async (path) => Buffer.from(files[path] ?? "", "base64"),
    isFile: async (path) => Object.hasOwn(files, path),
  });

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { ServerFile } from "../cli/roles.ts";

/** Says where this program listens, readable by its owner alone. Whoever waits for the file finds it whole. */
export const writeServerFile = (path: string, content: ServerFile): void => {
  const unfinished = `${path}.${content.pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(unfinished, path);
};

/** Removes the file where it is still this program's: another may have started since. */
export const removeServerFile = (path: string, pid: number): void => {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as Partial<ServerFile>;
    if (content.pid === pid) rmSync(path, { force: true });
  } catch {
    // Not there, or not readable: nothing of ours to remove.
  }
};

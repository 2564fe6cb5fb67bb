import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { AuditEnd } from "../core/ports/audit.ts";

/** The newest row's sequence and hash, kept outside of the database. */
export interface HeadFile {
  /** `unreadable` where something else than a head stands there. */
  read(): AuditEnd | "missing" | "unreadable";
  /** Replaces the file whole. Throws where it cannot be written. */
  write(end: AuditEnd): void;
}

/** One line, `<sequence> <hash>`, readable by its owner only. */
export const openHeadFile = (path: string): HeadFile => ({
  read() {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      return (error as { code?: string }).code === "ENOENT" ? "missing" : "unreadable";
    }
    const match = /^([1-9]\d{0,14}) ([0-9a-f]{64})\n$/.exec(text);
    return match === null ? "unreadable" : { sequence: Number(match[1]), hash: match[2] ?? "" };
  },
  write({ sequence, hash }) {
    // One writer at a time: who calls holds the database's lock.
    writeFileSync(`${path}.new`, `${sequence} ${hash}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  },
});

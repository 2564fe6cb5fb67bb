import { Database } from "bun:sqlite";

/** Only in a comment, `Bun.file` is nobody's business; in code it is. */
export const open = (): Database => new Database(":memory:");
export const size = (path: string): number => Bun.file(path).size;
export const folder = import.meta.dir;

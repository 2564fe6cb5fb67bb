import { join, resolve } from "node:path";

/** One mechanism of the program taken out. */
export interface Sabotage {
  readonly name: string;
  /** What no longer happens. */
  readonly takesOut: string;
  /** The file below `src`, what stands there, and what stands in its place. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Variables with which the program runs sabotaged, all of its processes. */
export const environmentOf = ({ file, find, replace }: Sabotage): Readonly<Record<string, string>> => ({
  SABOTAGE: JSON.stringify({ file, find, replace }),
  BUN_OPTIONS: `--preload=${join(resolve(import.meta.dir), "sabotage-preload.ts")}`,
});

// Preloaded into the program (BUN_OPTIONS=--preload=…), for tests only: one place of its source is changed as it is
// loaded, in every process of it, so that the program itself needs no switch by which it could be weakened.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const sources = resolve(import.meta.dirname, "../../src");
const { file, find, replace } = JSON.parse(process.env["SABOTAGE"] ?? "{}") as Record<string, string>;
if (file === undefined || find === undefined || replace === undefined)
  throw new Error("SABOTAGE: expected an object with file, find and replace");
const path = join(sources, file);
const source = readFileSync(path, "utf8");
// Said at once, not when the module is loaded: a sabotage that does nothing would prove nothing.
if (source.split(find).length !== 2)
  throw new Error(`${file} does not have exactly one '${find}' any more: update the sabotage`);
const contents = source.replace(find, () => replace);

Bun.plugin({
  name: "sabotage",
  setup(build) {
    build.onLoad({ filter: new RegExp(`^${RegExp.escape(path)}$`) }, () => ({ contents, loader: "ts" }));
  },
});

// The program with one mechanism taken out, for tests only: the matrix must notice. The mechanism's source is changed
// as it is loaded, so the program itself needs no switch by which it could be weakened.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sabotages } from "./sabotage/sabotages.ts";

const sources = resolve(import.meta.dirname, "../../src");
const name = process.env["FAULTS_SABOTAGE"];
const sabotage = sabotages.find((one) => one.name === name);
if (sabotage === undefined) throw new Error(`FAULTS_SABOTAGE=${name}: there is no such sabotage`);
const path = join(sources, sabotage.file);
const source = readFileSync(path, "utf8");
// Said at once, not when the module is loaded: a sabotage that does nothing would prove nothing.
if (source.split(sabotage.find).length !== 2)
  throw new Error(`${sabotage.file} does not have exactly one '${sabotage.find}' any more: update the sabotage`);
const contents = source.replace(sabotage.find, () => sabotage.replace);

Bun.plugin({
  name: "sabotage",
  setup(build) {
    build.onLoad({ filter: new RegExp(`^${RegExp.escape(path)}$`) }, () => ({ contents, loader: "ts" }));
  },
});

await import("../../src/main.ts");

import { mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

// bun scripts/build.ts: one executable of the whole program, dist/intellirouter, and a proof that it starts.

const projectFolder = join(import.meta.dirname, "..");
const folder = join(projectFolder, "dist");
const executable = join(folder, process.platform === "win32" ? "intellirouter.exe" : "intellirouter");
/** Built beside it and then renamed, so that an executable that runs at this moment is not written over. */
const unfinished = `${executable}.new`;
/** The program and its workers: a worker is found in the executable only when it is named here. */
const entryPoints = ["src/main.ts", "src/roles/ledger-worker.ts"];

mkdirSync(folder, { recursive: true });
const built = Bun.spawnSync(
  [
    process.execPath,
    "build",
    "--compile",
    "--minify",
    ...entryPoints.map((file) => `./${file}`),
    `--outfile=${unfinished}`,
  ],
  { cwd: projectFolder, stdin: "ignore", stdout: "inherit", stderr: "inherit" },
);
if (!built.success) process.exit(built.exitCode || 1);

const proof = Bun.spawnSync([unfinished, "version"], { cwd: folder, stdin: "ignore", stderr: "inherit" });
const version = proof.stdout.toString().trim();
if (!proof.success || version === "") {
  process.stderr.write(`The executable was built but does not run: \`version\` ended with ${proof.exitCode}.\n`);
  process.exit(1);
}
renameSync(unfinished, executable);
const megabytes = Math.round(statSync(executable).size / 1e6);
process.stdout.write(`${executable}: ${version}, ${megabytes} MB\n`);

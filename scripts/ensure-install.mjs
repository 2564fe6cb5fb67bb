// Brings node_modules to what package-lock.json says, and does nothing where it is there already. Plain Node, no
// dependency: it runs before there are any. Everything it says goes to standard error.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const modulesFolder = join(projectFolder, "node_modules");
const stampFile = join(modulesFolder, ".installed-lock");
const lockFolder = join(projectFolder, ".cache", "install.lock");
/** The same name on every platform; `node_modules/.bin` has wrappers on some. */
export const bunExecutable = join(modulesFolder, "bun", "bin", "bun.exe");

const oldestNode = 20;
/** Without install scripts, a text of some hundred bytes stands where the executable belongs. */
const smallestExecutableBytes = 1_000_000;
const waitMilliseconds = 200;
const longestWaitMilliseconds = 300_000;

const fail = (message, code = 1) => {
  process.stderr.write(`${message}\n`);
  process.exit(code);
};

const readText = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

const wantedStamp = () => {
  const lock = readFileSync(join(projectFolder, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform} ${process.arch}\n`;
};

const hasBun = () => existsSync(bunExecutable) && statSync(bunExecutable).size >= smallestExecutableBytes;

/** True where another way of installing (`npm install`) has left exactly what the lockfile asks for. */
const isInstalledAnyway = () => {
  const installed = readText(join(modulesFolder, ".package-lock.json"));
  if (installed === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(projectFolder, "package-lock.json"), "utf8")).packages;
  const found = JSON.parse(installed).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || found[path]?.version === version || (optional && !found[path]),
  );
};

const runNode = (args) => spawnSync(process.execPath, args, { cwd: projectFolder, stdio: ["ignore", 2, 2] });

const installPackages = () => {
  process.stderr.write("Installing the packages of package-lock.json …\n");
  // The caller's own npm flags (`--silent`, `NODE_ENV=production`) must neither hide an error nor leave out a tool.
  const args = ["ci", "--include=dev", "--loglevel=error", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath;
  const { status, error } =
    npm?.endsWith(".js") || npm?.endsWith(".cjs")
      ? runNode([npm, ...args])
      : spawnSync("npm", args, { cwd: projectFolder, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (status === 0) return;
  fail(
    `The packages could not be installed${error ? ` (${error.message})` : ""}. See above; then run \`npm ci\`.`,
    status || 1,
  );
};

const installBun = () => {
  // npm may have been told not to run install scripts; Bun's only puts its executable in place.
  const { status } = runNode([join(modulesFolder, "bun", "install.js")]);
  if (status !== 0 || !hasBun()) fail("Bun's executable is missing: run `node node_modules/bun/install.js`.");
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

/** Two installations at once would delete each other's files; the second waits for the first. */
const withLock = (work) => {
  mkdirSync(dirname(lockFolder), { recursive: true });
  const deadline = Date.now() + longestWaitMilliseconds;
  for (;;) {
    try {
      mkdirSync(lockFolder);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = Number(readText(join(lockFolder, "pid")));
    const age = Date.now() - (statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    // Freshly made, the folder has no pid in it yet.
    if (holder ? !isAlive(holder) : age > 10 * waitMilliseconds) rmSync(lockFolder, { recursive: true, force: true });
    else if (Date.now() > deadline) fail(`Another installation has not ended; if none runs, delete ${lockFolder}.`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMilliseconds);
  }
  // `fail` ends the process without coming back here.
  const release = () => rmSync(lockFolder, { recursive: true, force: true });
  process.once("exit", release);
  writeFileSync(join(lockFolder, "pid"), String(process.pid));
  work();
  process.removeListener("exit", release);
  release();
};

/** Installs what is missing. Ends the process, with a message, where that cannot be done. */
export const ensureInstall = () => {
  if (Number(process.versions.node.split(".")[0]) < oldestNode)
    fail(`Node ${oldestNode} or later is needed; this is ${process.version}.`);
  const isCurrent = () => readText(stampFile) === wantedStamp() && hasBun();
  if (isCurrent()) return;
  withLock(() => {
    if (isCurrent()) return;
    if (!isInstalledAnyway()) installPackages();
    if (!hasBun()) installBun();
    writeFileSync(stampFile, wantedStamp());
  });
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) ensureInstall();

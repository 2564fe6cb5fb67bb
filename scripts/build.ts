import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// bun scripts/build.ts: one executable of the whole program, dist/intellirouter, and a proof that it starts.

const projectFolder = join(import.meta.dirname, "..");
const folder = join(projectFolder, "dist");
const executable = join(folder, process.platform === "win32" ? "intellirouter.exe" : "intellirouter");
/** Built beside it and then renamed, so that an executable that runs at this moment is not written over. */
const unfinished = `${executable}.new`;
/** The program and its workers: a worker is found in the executable only when it is named here. */
const entryPoints = ["src/main.ts", "src/roles/ledger-worker.ts"];

const patienceMilliseconds = 10_000;

mkdirSync(folder, { recursive: true });
const built = Bun.spawnSync(
  [
    process.execPath,
    "build",
    "--compile",
    "--minify",
    // What a command does not need stays unread; what it needs is there as bytecode. Together a third of the time.
    "--splitting",
    "--bytecode",
    "--format=esm",
    // The program asks for a worker beside itself: in the executable all entry points lie in one folder.
    "--entry-naming=[name].[ext]",
    ...entryPoints.map((file) => `./${file}`),
    `--outfile=${unfinished}`,
  ],
  { cwd: projectFolder, stdin: "ignore", stdout: "inherit", stderr: "inherit" },
);
if (!built.success) process.exit(built.exitCode || 1);

/**
 * Starts it on an empty data folder, sends one call and asks for its bill: that takes the ledger's thread, too, and with
 * several workers the executable as its own child.
 */
const proveThatItRuns = async (workers: "1" | "2"): Promise<string> => {
  const data = mkdtempSync(join(tmpdir(), "intellirouter-build-"));
  const environment = {
    ...process.env,
    INTELLIROUTER_DATA: data,
    INTELLIROUTER_SERVER__PORT: "0",
    INTELLIROUTER_SERVER__WORKERS: workers,
  };
  const running = Bun.spawn([unfinished, "up"], {
    cwd: data,
    env: environment,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const run = (...args: readonly string[]): string => {
    const { success, stdout, stderr } = Bun.spawnSync([unfinished, ...args], {
      cwd: data,
      env: environment,
      timeout: patienceMilliseconds,
      killSignal: "SIGKILL",
    });
    if (!success) throw new Error(`\`${args.join(" ")}\` failed: ${stderr.toString().trim()}`);
    return stdout.toString().trim();
  };
  try {
    const version = run("version");
    const serverFile = join(data, "server.json");
    const deadline = Date.now() + patienceMilliseconds;
    while (!existsSync(serverFile)) {
      if (Date.now() > deadline || running.exitCode !== null) throw new Error("`up` did not start");
      await Bun.sleep(20);
    }
    const { url } = JSON.parse(readFileSync(serverFile, "utf8")) as { url: string };
    const body = { model: "mock/mock-llama", messages: [{ role: "user", content: "Hello!" }] };
    const reply = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMilliseconds),
    });
    if (!reply.ok) throw new Error(`a call was answered with ${reply.status}`);
    if (!run("usage").includes("mock-llama")) throw new Error("the call is not in the ledger");
    running.kill("SIGTERM");
    const timer = setTimeout(() => running.kill("SIGKILL"), patienceMilliseconds);
    const code = await running.exited;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`\`up\` did not stop cleanly: ${code}`);
    return version;
  } finally {
    running.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  }
};

const prove = async (workers: "1" | "2"): Promise<string> =>
  proveThatItRuns(workers).catch((error: unknown) => {
    process.stderr.write(`The executable was built but does not work with --workers ${workers}: ${String(error)}\n`);
    process.exit(1);
  });

// Only there can processes share a port.
if (process.platform === "linux") await prove("2");
const version = await prove("1");
renameSync(unfinished, executable);
const megabytes = Math.round(statSync(executable).size / 1e6);
process.stdout.write(`${executable}: ${version}, ${megabytes} MB\n`);

// node scripts/run.mjs [--service] <file.ts> [argument …]
// Runs a program of the project on Bun, after installing what is missing: signals go to it, its exit code comes back.
import { spawn } from "node:child_process";
import { bunExecutable, ensureInstall } from "./ensure-install.mjs";

const [first, ...others] = process.argv.slice(2);
/** A service asks nothing at the terminal, so it is kept from the terminal's own signals: each comes once, from here. */
const isService = first === "--service";
const args = isService ? others : [first, ...others];

/** npm passes a Ctrl-C on that the terminal sends to everybody anyway: what comes within this time is the same one. */
const echoMilliseconds = 200;
const parentCheckMilliseconds = 500;

ensureInstall();

const program = spawn(bunExecutable, args, { stdio: "inherit", detached: isService && process.platform !== "win32" });
const comesFromTerminal = !isService && process.stdin.isTTY === true;

const lastSent = new Map();
const pass = (signal) => {
  const now = performance.now();
  if (now - (lastSent.get(signal) ?? Number.NEGATIVE_INFINITY) < echoMilliseconds) return;
  lastSent.set(signal, now);
  program.kill(signal);
};

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
for (const signal of signals)
  process.on(signal, () => {
    // At a terminal, the program has got this one already.
    if (!(comesFromTerminal && signal === "SIGINT")) pass(signal);
  });

// npm dies of a SIGHUP or SIGKILL without a word to us; the program must not go on without anybody to stop it.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  program.kill("SIGTERM");
}, parentCheckMilliseconds);

program.on("error", (error) => {
  process.stderr.write(`Bun could not be started: ${error.message}\n`);
  process.exit(1);
});
program.on("exit", (code, signal) => {
  clearInterval(watch);
  if (signal === null) process.exit(code ?? 1);
  for (const one of signals) process.removeAllListeners(one);
  process.kill(process.pid, signal);
});

import { fstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { CliError } from "./cli-error.ts";
import { exitCodes } from "./exit-codes.ts";
import type { CliSystem, Prompts, Sink } from "./system.ts";

const longestHistory = 500;

const sinkOf = (stream: NodeJS.WriteStream): Sink => {
  // Whoever reads may stop early (`| head`): that is no failure of ours.
  stream.on("error", (error: Error & { readonly code?: string }) =>
    process.exit(error.code === "EPIPE" ? exitCodes.ok : exitCodes.failure),
  );
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns || 80;
    },
  };
};

/** Whether something is piped in; a closed standard input or /dev/null is not. */
const isPiped = (): boolean => {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false;
  }
};

const readStandardInput = async (): Promise<string> => {
  if (process.stdin.isTTY === true || !isPiped()) return "";
  const pieces: Uint8Array[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
  return new TextDecoder().decode(Buffer.concat(pieces));
};

/** One line; undefined at end of input or Ctrl-C. An interface of its own, so that Ctrl-C is a signal between lines. */
const readLine = async (prompt: string, history: readonly string[]): Promise<string | undefined> => {
  const { createInterface } = await import("node:readline");
  const reader = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: true,
    history: [...history],
    historySize: longestHistory,
  });
  return new Promise((resolve) => {
    reader.once("close", () => resolve(undefined));
    reader.once("SIGINT", () => reader.close());
    reader.question(prompt, (line) => {
      resolve(line);
      reader.close();
    });
  });
};

async function* readLines(prompt: string): AsyncGenerator<string> {
  let history: readonly string[] = [];
  for (;;) {
    const line = await readLine(prompt, history);
    if (line === undefined) return;
    if (line.trim() !== "") history = [line, ...history.filter((one) => one !== line)].slice(0, longestHistory);
    yield line;
  }
}

/** Loads the library of prompts when the first question is asked. */
const ask = async <Answer>(
  put: (clack: typeof import("@clack/prompts"), output: NodeJS.WriteStream) => Promise<Answer | symbol>,
): Promise<Answer> => {
  const answer = await put(await import("@clack/prompts"), process.stderr);
  if (typeof answer === "symbol") throw new CliError("interrupted", "interrupted", "Nothing was changed.");
  return answer;
};

const prompts: Prompts = {
  confirm: (message) => ask<boolean>((clack, output) => clack.confirm({ message, output, initialValue: false })),
  password: (message) => ask<string>((clack, output) => clack.password({ message, output })),
  choose: (message, choices) =>
    ask<string>((clack, output) =>
      clack.autocomplete({ message, output, maxItems: 10, options: choices.map((value) => ({ value, label: value })) }),
    ),
  lines: readLines,
};

const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return (error as { readonly code?: string }).code === "EPERM";
  }
};

/** The process that the program runs in. */
export const openProcessSystem = (): CliSystem => ({
  environment: process.env,
  workingDirectory: process.cwd(),
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  stdin: { isTerminal: process.stdin.isTTY === true, readText: readStandardInput },
  prompts,
  fetch: (request) => fetch(request),
  readFile: (path) => readFile(path, "utf8"),
  processId: process.pid,
  isProcessAlive,
  runtimeVersion: process.versions["bun"] ?? "",
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  onInterrupt: (callback) => {
    process.on("SIGINT", callback);
    return { cancel: () => void process.off("SIGINT", callback) };
  },
});

/** Resolves when all that was written has left the process. */
export const flushOutput = async (): Promise<void> => {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
};

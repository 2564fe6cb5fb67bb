import { resolve } from "node:path";
import { type cores, pinned } from "./machine.ts";

const patienceMilliseconds = 10_000;

/** A program of the bench in a process of its own. It answers each message, and ends when its parent does. */
export interface HelperProcess {
  readonly pid: number;
  /** The first message it sent. */
  readonly greeting: unknown;
  /** Sends a message once those before it are answered, and gives the answer. Throws where the process ends instead. */
  ask(message: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export interface HelperOptions {
  readonly core: keyof typeof cores;
  readonly args?: readonly string[];
}

/** Starts `bench/<file>`. Throws where it does not say anything in time. */
export const startHelper = async (file: string, { core, args = [] }: HelperOptions): Promise<HelperProcess> => {
  let answered = Promise.withResolvers<unknown>();
  const child = Bun.spawn([...pinned(core, [process.execPath, resolve(import.meta.dir, "..", file)]), ...args], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    ipc: (message) => answered.resolve(message),
    onExit: (_, code, signal) => answered.reject(new Error(`bench/${file} ended with ${signal ?? code}`)),
  });
  const askNow = (message: unknown): Promise<unknown> => {
    answered = Promise.withResolvers();
    child.send(message);
    return answered.promise;
  };
  const timer = setTimeout(() => answered.reject(new Error(`bench/${file} did not start`)), patienceMilliseconds);
  const greeting = await answered.promise.catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  clearTimeout(timer);
  let last: Promise<unknown> = Promise.resolve();
  return {
    pid: child.pid,
    greeting,
    ask(message) {
      last = last.then(() => askNow(message));
      return last;
    },
    async stop() {
      // Nobody waits for an answer any more.
      answered.promise.catch(() => undefined);
      child.kill("SIGKILL");
      await child.exited;
    },
  };
};

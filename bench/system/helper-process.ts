import { resolve } from "node:path";
import { pinned } from "./machine.ts";

const patienceMilliseconds = 10_000;

/** A program of the bench in a process of its own, beside the subject's core, that answers one message at a time. */
export interface HelperProcess {
  readonly pid: number;
  /** The first message it sent. */
  readonly greeting: unknown;
  /** Sends a message and gives the answer. Throws where the process ends instead. */
  ask(message: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts `bench/<file>`. Throws where it does not say anything in time. */
export const startHelper = async (file: string, args: readonly string[] = []): Promise<HelperProcess> => {
  let answered = Promise.withResolvers<unknown>();
  const child = Bun.spawn([...pinned("others", [process.execPath, resolve(import.meta.dir, "..", file)]), ...args], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    ipc: (message) => answered.resolve(message),
    onExit: (_, code) => answered.reject(new Error(`bench/${file} ended with ${code}`)),
  });
  const greeting = await Promise.race([
    answered.promise,
    Bun.sleep(patienceMilliseconds).then(() => {
      throw new Error(`bench/${file} did not start`);
    }),
  ]);
  return {
    pid: child.pid,
    greeting,
    ask(message) {
      answered = Promise.withResolvers();
      child.send(message);
      return answered.promise;
    },
    async stop() {
      // Nobody waits for an answer any more.
      answered.promise.catch(() => undefined);
      child.kill("SIGKILL");
      await child.exited;
    },
  };
};

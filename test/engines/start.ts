import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { CONTEXT_LENGTH, writeTinyModel } from "./make-model.ts";

/** A running inference server that holds the tiny model. */
export interface Engine {
  /** Where its OpenAI-compatible API begins, `/v1` included, no slash at the end. */
  readonly baseUrl: string;
  readonly kind: "openai-compatible";
  readonly model: string;
  /** How many replies it is generating now: after a caller went away this must fall back to 0. */
  busySlots(): Promise<number>;
  /** Ends the server and everything it started. Calling it again is harmless. */
  stop(): Promise<void>;
}

const CACHE = resolve(import.meta.dir, "../../.cache/engines");
const PYTHON = join(CACHE, "venv/bin/python");
const MODEL = "tiny";
const PARALLEL_REPLIES = 4;
const START_TIMEOUT_MILLISECONDS = 60_000;

const announcementShape = z.object({ address: z.url() });
const slotsShape = z.array(z.object({ is_processing: z.boolean() }));

/** Whether `install.sh` has run to its end in this checkout. */
export const isEngineInstalled = (): boolean => existsSync(join(CACHE, "venv/installed-requirements.txt"));

/**
 * Starts llama.cpp's server with the tiny model on a free loopback port and waits until it answers.
 * Throws an `Error` that says what to do when the engine is not installed, or that quotes the server's last
 * words when it does not come up.
 */
export const startEngine = async (): Promise<Engine> => {
  if (!isEngineInstalled()) throw new Error("the test engine is not installed: run test/engines/install.sh first");
  const modelPath = join(CACHE, "tiny.gguf");
  writeTinyModel(modelPath);
  const server = Bun.spawn(
    [PYTHON, join(import.meta.dir, "serve.py"), modelPath, MODEL, String(CONTEXT_LENGTH), String(PARALLEL_REPLIES)],
    // Detached, so that the server leads a process group which `stop` can end as a whole.
    { stdin: "pipe", stdout: "pipe", stderr: "pipe", detached: true },
  );
  // The server ends when its standard input closes, which the garbage collector would do to an unused pipe.
  const { stdin } = server;
  const log = keepLastWords(server.stderr);
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) process.kill(-server.pid, "SIGKILL");
    await server.exited;
    await stdin.end();
  };
  try {
    const address = await withinStartTimeout(readAddress(server.stdout));
    return {
      baseUrl: `${address}/v1`,
      kind: "openai-compatible",
      model: MODEL,
      busySlots: () => busySlots(address),
      stop,
    };
  } catch (cause) {
    await stop();
    throw new Error(`the test engine did not start; its last words were:\n${log()}`, { cause });
  }
};

const readAddress = async (output: ReadableStream<Uint8Array>): Promise<string> => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    if (!text.includes("\n")) continue;
    const { address } = announcementShape.parse(JSON.parse(text));
    const health = await fetch(`${address}/health`);
    if (!health.ok) throw new Error(`health check answered ${health.status}`);
    return address;
  }
  throw new Error("it ended before it announced its address");
};

const withinStartTimeout = async <T>(work: Promise<T>): Promise<T> => {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error(`no answer within ${START_TIMEOUT_MILLISECONDS} ms`)),
    START_TIMEOUT_MILLISECONDS,
  );
  return Promise.race([work, timeout.promise]).finally(() => clearTimeout(timer));
};

const busySlots = async (address: string): Promise<number> => {
  const slots = slotsShape.parse(await (await fetch(`${address}/slots`)).json());
  return slots.filter((slot) => slot.is_processing).length;
};

/** Drains a log, lest the server block on a full pipe, and keeps its end for an error message. */
const keepLastWords = (log: ReadableStream<Uint8Array>): (() => string) => {
  let tail = "";
  const drain = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of log) tail = (tail + decoder.decode(chunk, { stream: true })).slice(-2000);
  };
  drain().catch((error: unknown) => {
    tail += `\n(log unreadable: ${String(error)})`;
  });
  return () => tail;
};

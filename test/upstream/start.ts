import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Dispatch, readJournal } from "./journal.ts";

/** A fake provider of OpenAI's wire format in a process of its own. */
export interface Upstream {
  /** Where its API begins, `/v1` included. */
  readonly baseUrl: string;
  readonly port: number;
  readonly pid: number;
  /** What it saw so far. */
  dispatches(): readonly Dispatch[];
  /** Requests that it received, and those that it has not ended. */
  state(): Promise<{ readonly received: number; readonly open: number }>;
  /** Closes connections that are kept alive without a request. */
  closeIdle(): Promise<void>;
  /** Ends it. Calling it again is harmless; the journal can be read no more. */
  stop(): Promise<void>;
}

const readPort = async (output: ReadableStream<Uint8Array>): Promise<number> => {
  let text = "";
  for await (const bytes of output) {
    text += new TextDecoder().decode(bytes);
    if (text.includes("\n")) return (JSON.parse(text) as { port: number }).port;
  }
  throw new Error("the upstream ended before it listened");
};

/** Starts the fake provider on a free loopback port; resolves once it listens. */
export const startUpstream = async (): Promise<Upstream> => {
  const folder = mkdtempSync(join(tmpdir(), "intellirouter-upstream-"));
  const path = join(folder, "journal");
  const server = Bun.spawn([process.execPath, join(import.meta.dir, "serve.ts"), path], {
    cwd: folder,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  // The server ends when its standard input closes, which the garbage collector would do to an unused pipe.
  const { stdin } = server;
  const stop = async (): Promise<void> => {
    server.kill("SIGKILL");
    await server.exited;
    await Promise.resolve(stdin.end()).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };
  const port = await readPort(server.stdout);
  const control = async (name: string): Promise<{ received: number; open: number }> => {
    const response = await fetch(`http://127.0.0.1:${port}/control/${name}`, { keepalive: false });
    return (await response.json()) as { received: number; open: number };
  };
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    pid: server.pid,
    dispatches: () => readJournal(path),
    state: () => control("state"),
    closeIdle: async () => {
      await control("close-idle");
    },
    stop,
  };
};

import { createServer } from "node:net";
import { toFailure } from "../../cli-error.ts";
import { findRunning } from "../../connect.ts";
import type { Check, Finding } from "./check.ts";

/** The reason why an address cannot be listened on; undefined where it can. */
const listenProblem = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: Error & { readonly code?: string }) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use by another program",
  EACCES: "needs more rights",
  EADDRNOTAVAIL: "is not an address of this machine",
};

/** The gateway runs, or could: its address is free. */
export const checkPort: Check = async ({ context: { system }, dataFolder, configuration }) => {
  try {
    const running = await findRunning(system, dataFolder);
    if (running !== undefined)
      return [{ check: "gateway", status: "ok", detail: `runs at ${running.url} (process ${running.pid})` }];
  } catch (error) {
    return [{ check: "gateway", status: "fail", detail: toFailure(error).message }];
  }
  if (configuration === undefined) return [];
  const { host, port } = configuration;
  const problem = await listenProblem(host, port);
  const finding: Finding =
    problem === undefined
      ? { check: "address", status: "ok", detail: `${host}:${port} is free` }
      : {
          check: "address",
          status: "fail",
          detail: `${host}:${port} ${reasons[problem] ?? `cannot be used (${problem})`}`,
          advice: "Stop the other program, or choose another address with --host and --port.",
        };
  return [finding];
};

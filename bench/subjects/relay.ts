import { resolve } from "node:path";
import { pinned } from "../system/machine.ts";
import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";

/** The least relay on the gateway's own runtime. */
export const startRelay = async ({ port, trust }: UpstreamAddress): Promise<Subject> => {
  const program = [process.execPath, resolve(import.meta.dir, "../relay.ts"), String(port)];
  const child = Bun.spawn([...pinned("subject", program), ...(trust === undefined ? [] : [trust])], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  const ownPort = Number(new TextDecoder().decode(value));
  if (!(ownPort > 0)) throw new Error("the relay did not start");
  return {
    name: "relay",
    destination: plainDestination(ownPort),
    pids: [child.pid],
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
};

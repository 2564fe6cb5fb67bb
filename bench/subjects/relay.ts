import { startHelper } from "../system/helper-process.ts";
import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";

/** The least relay on the gateway's own runtime. */
export const startRelay = async ({ port, trust }: UpstreamAddress): Promise<Subject> => {
  const args = [String(port), ...(trust === undefined ? [] : [trust])];
  const helper = await startHelper("relay.ts", { core: "subject", args });
  return {
    name: "relay",
    destination: plainDestination(helper.greeting as number),
    pids: [helper.pid],
    stop: () => helper.stop(),
  };
};

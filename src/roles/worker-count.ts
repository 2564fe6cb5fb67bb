import { availableParallelism } from "node:os";
import { GatewayError } from "../core/errors.ts";
import type { ServerSettings } from "../http/settings.ts";

/** How many processes are to answer. Throws GatewayError `invalid_configuration` where the system cannot have several. */
export const workerCount = ({ workers }: Pick<ServerSettings, "workers">): number => {
  if (process.platform === "linux") return workers === "auto" ? availableParallelism() : workers;
  if (workers === "auto" || workers === 1) return 1;
  throw new GatewayError(
    "invalid_configuration",
    `server.workers is ${workers}, and only Linux spreads the connections of one port over processes. Set it to 1 here.`,
  );
};

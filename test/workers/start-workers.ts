import { type GatewayOptions, type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { workersOf } from "./processes.ts";

export interface RunningWorkers extends RunningGateway {
  /** The two workers, by process id. */
  readonly first: number;
  readonly second: number;
}

/** Starts the program with two workers. Its `pid` is the supervisor's. */
export const startWorkers = async (options: GatewayOptions): Promise<RunningWorkers> => {
  const server = { ...(options.configuration["server"] as object | undefined), workers: 2 };
  const gateway = await startGateway({ ...options, configuration: { ...options.configuration, server } });
  const [first, second, ...others] = workersOf(gateway);
  if (first === undefined || second === undefined || others.length > 0)
    throw new Error(`expected two workers:\n${gateway.logs()}`);
  return { ...gateway, first, second };
};

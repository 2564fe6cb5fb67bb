import type { Destination } from "../plan.ts";

/** Something that stands between the load and the upstream. */
export interface Subject {
  readonly name: string;
  readonly destination: Destination;
  /** Its processes, each with all below it; none where nothing stands in between. */
  readonly pids: readonly number[];
  /** Another gateway: a load that it cannot bear ends its part of the run, not the run. */
  readonly isPeer?: true;
  stop(): Promise<void>;
}

/** Where the upstream listens, as a subject needs it. */
export interface UpstreamAddress {
  readonly port: number;
  /** Certificates to trust where it speaks TLS, a file in PEM. */
  readonly trust?: string;
}

export const chatPath = "/v1/chat/completions";

/** What every subject is sent alike, so that their requests are of one size. */
export const plainDestination = (port: number): Destination => ({
  hostname: "127.0.0.1",
  port,
  path: chatPath,
  keys: [`ir-${"0".repeat(43)}`],
  models: ["bench"],
});

import { z } from "zod";

/** The `runtime` key. */
export const runtimeSchema = z.strictObject({
  /** Who speaks to upstreams: the project's own client, or the runtime's `fetch`, which costs more and queues more. */
  transport: z.enum(["sockets", "fetch"]).default("sockets"),
});
export type RuntimeSettings = z.output<typeof runtimeSchema>;

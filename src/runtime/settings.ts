import { z } from "zod";

/** The `runtime` key. */
export const runtimeSchema = z.strictObject({
  /** Who speaks to upstreams: the project's own client, or the runtime's `fetch`, which costs more and queues more. */
  transport: z.enum(["sockets", "fetch"]).default("sockets"),
  /** Who speaks to clients: the project's own server, or the runtime's, which costs more. */
  server: z.enum(["sockets", "platform"]).default("sockets"),
});
export type RuntimeSettings = z.output<typeof runtimeSchema>;

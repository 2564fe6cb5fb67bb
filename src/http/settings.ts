import { z } from "zod";

/** The `server` key. */
export const serverSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 lets the system choose a free one. */
  port: z.number().int().min(0).max(65_535).default(8_000),
  /** Processes that answer on the port; `auto` = one for each core. One alone needs no supervisor. More need Linux. */
  workers: z.union([z.number().int().min(1).max(256), z.literal("auto")]).default(1),
  maxBodyBytes: z.number().int().min(1_024).max(1_073_741_824).default(33_554_432),
  /** How deep a request's JSON may nest. */
  maxDepth: z.number().int().min(8).max(512).default(64),
  /** Seconds until a client that sends nothing is dropped. */
  idleSeconds: z.number().int().min(1).max(255).default(60),
  /** A stream that is silent for so long sends a comment, so that nothing on the way takes it for dead. */
  keepAliveMilliseconds: z.number().int().min(10).max(3_600_000).default(15_000),
  /** A streamed call without content by then gets its headers and comments; later failures are error events. 0 = never. */
  commitAfterMilliseconds: z.number().int().min(0).max(3_600_000).default(20_000),
  /** A client that takes nothing of a waiting stream for so long is cut off. */
  stalledMilliseconds: z.number().int().min(100).max(3_600_000).default(60_000),
  /** Calls at once; more are refused before they are read. Of several workers each has its part. */
  maxCalls: z.number().int().min(1).max(1_000_000).default(20_000),
  /** When the program itself falls behind by so much, it refuses a growing share of new calls. */
  maxLagMilliseconds: z.number().int().min(10).max(60_000).default(150),
  /** What the program may have, in MB of 10⁶ bytes; absent: as much as its control group. Of several workers each has its part. */
  maxMemoryMegabytes: z.number().int().min(64).max(16_777_216).optional(),
  /** How long calls are still taken after the program was told to stop, while it already says that it is unready. */
  drainDelayMilliseconds: z.number().int().min(0).max(3_600_000).default(0),
  /** How long open calls may go on after that. */
  drainMilliseconds: z.number().int().min(0).max(3_600_000).default(30_000),
});
export type ServerSettings = z.output<typeof serverSchema>;

import { z } from "zod";

/** The `server` key. */
export const serverSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 lets the system choose a free one. */
  port: z.number().int().min(0).max(65_535).default(8_000),
  maxBodyBytes: z.number().int().min(1_024).max(1_073_741_824).default(33_554_432),
  /** How deep a request's JSON may nest. */
  maxDepth: z.number().int().min(8).max(512).default(64),
  /** Seconds until a client that sends nothing is dropped. */
  idleSeconds: z.number().int().min(1).max(255).default(60),
  /** How long open calls may go on after the program was told to stop. */
  drainMilliseconds: z.number().int().min(0).max(3_600_000).default(30_000),
});
export type ServerSettings = z.output<typeof serverSchema>;

import { z } from "zod";
import { secret } from "../core/secret.ts";
import type { LoadOptions } from "./load.ts";

/** For tests: a schema like the one that the folders' keys are joined into. */
export const sampleSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(8_000),
      maxBodyBytes: z.int().positive().default(20_000_000),
      publicUrl: z.url().optional(),
      compress: z.boolean().default(false),
      allowedOrigins: z.array(z.string()).default([]),
    })
    .prefault({}),
  logging: z.strictObject({ level: z.enum(["error", "warn", "info", "debug"]).default("info") }).prefault({}),
  providers: z
    .record(
      z.string(),
      z.strictObject({
        kind: z.enum(["openai", "anthropic", "openai-compatible", "mock"]),
        apiKey: z.union([secret(), z.array(secret())]).optional(),
        baseUrl: z.url().optional(),
        headers: z.record(z.string(), secret()).optional(),
      }),
    )
    .default({}),
  routes: z
    .record(
      z.string(),
      z.strictObject({
        targets: z.array(z.union([z.string(), z.strictObject({ target: z.string(), weight: z.number().default(1) })])),
        strategy: z
          .discriminatedUnion("kind", [
            z.strictObject({ kind: z.literal("priority") }),
            z.strictObject({ kind: z.literal("weighted"), sticky: z.boolean().default(false) }),
          ])
          .default({ kind: "priority" }),
        timeouts: z
          .strictObject({
            firstTokenMilliseconds: z.int().positive().default(30_000),
            idleMilliseconds: z.int().positive().default(30_000),
            totalMilliseconds: z.int().positive().nullable().default(600_000),
          })
          .prefault({}),
        retries: z.strictObject({ perTarget: z.int().min(0).default(1) }).prefault({}),
      }),
    )
    .default({}),
});

/** For tests: an operating system made of a table of files. */
export const filesFrom = (files: Readonly<Record<string, string | Uint8Array>>) => ({
  readFile: async (path: string): Promise<Uint8Array> => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  },
  isFile: async (path: string): Promise<boolean> => files[path] !== undefined,
});

/** For tests: load options over a table of files. */
export const sampleOptions = (
  files: Readonly<Record<string, string | Uint8Array>> = {},
  environment: Readonly<Record<string, string>> = {},
): LoadOptions<typeof sampleSchema> => ({
  schema: sampleSchema,
  environment,
  customaryVariables: { LOG_LEVEL: ["logging", "level"] },
  ...filesFrom(files),
});

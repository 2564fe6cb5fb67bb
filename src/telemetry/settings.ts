import { z } from "zod";

/** Levels of the log, most urgent first. */
export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The configuration's `logging`. */
export const loggingSchema = z
  .strictObject({
    level: z.enum(logLevels).default("info").describe("The least urgent level that is written."),
    format: z
      .enum(["json", "text"])
      .optional()
      .describe("One JSON object per line, or text for people; by default text on a terminal and JSON elsewhere."),
    file: z
      .strictObject({
        path: z.string().min(1).describe("Where to write instead of standard output."),
        maxMegabytes: z.number().positive().default(100).describe("A larger file is rotated before its day is over."),
        keep: z.int().min(0).default(14).describe("How many rotated files are kept."),
      })
      .optional(),
  })
  .prefault({});
export type LoggingSettings = z.output<typeof loggingSchema>;

/** Environment variables that customarily set the log, and the path of the key that each stands for. */
export const loggingVariables = { LOG_LEVEL: ["logging", "level"] } as const;

/** The configuration's `metrics`. */
export const metricsSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Whether /metrics is served and calls are counted."),
    maxLabelSets: z
      .int()
      .positive()
      .default(200)
      .describe("How many combinations of labels one metric may have before further names count as 'other'."),
  })
  .prefault({});
export type MetricsSettings = z.output<typeof metricsSchema>;

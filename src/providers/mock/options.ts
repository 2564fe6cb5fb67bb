import { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { ProviderSettings } from "../../core/ports/provider.ts";
import { quizSchema } from "./quiz.ts";

const optionsSchema = z.strictObject({
  firstTokenMilliseconds: z.number().min(0).default(0),
  /** Absent means without delay. */
  tokensPerSecond: z.number().positive().optional(),
  chunkTokens: z.number().int().min(1).default(1),
  quiz: quizSchema.optional(),
});

/** What the provider was configured with. */
export type MockOptions = z.output<typeof optionsSchema>;

/** How fast the mock answers. */
export interface Pace {
  readonly firstTokenMilliseconds: number;
  /** Absent means without delay. */
  readonly tokensPerSecond?: number | undefined;
  readonly chunkTokens: number;
}

/** The provider's options; throws `invalid_value` on one that is not known. */
export const mockOptionsOf = (settings: ProviderSettings): MockOptions => {
  const parsed = optionsSchema.safeParse(settings.options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  throw new GatewayError("invalid_value", `Provider '${settings.name}' has an invalid option. ${place}`, {
    param: `providers.${settings.name}.options`,
  });
};

const steeringSchema = z.strictObject({
  delayMilliseconds: z.number().min(0).optional(),
  tokensPerSecond: z.number().positive().optional(),
  words: z.number().int().min(1).max(10_000).optional(),
  fail: z
    .strictObject({
      status: z.number().int().min(400).max(599),
      code: z.string().optional(),
      /** In a stream: after so many chunks, as an error frame; otherwise, and when absent, instead of the answer. */
      afterChunks: z.number().int().min(0).optional(),
    })
    .optional(),
  /** A stream ends after so many chunks, without a word; one that goes on with a begun answer is not cut again. */
  cut: z.strictObject({ afterChunks: z.number().int().min(0) }).optional(),
});

/** What one request asks of the mock, in its `mock` field. */
export type Steering = z.infer<typeof steeringSchema>;

/** The `mock` field of a request; undefined where it is not in the form that is understood. */
export const steeringOf = (value: JsonValue | undefined): Steering | undefined => {
  if (value === undefined || value === null) return {};
  const parsed = steeringSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
};

import { z } from "zod";
import { modelSpeeds, qualityTiers } from "../core/model.ts";
import { secret } from "../core/secret.ts";

const rate = z.number().min(0);
const rates = {
  input: rate,
  output: rate,
  cacheRead: rate.optional(),
  cacheWrite: rate.optional(),
  cacheWriteLong: rate.optional(),
  reasoning: rate.optional(),
  inputAudio: rate.optional(),
  outputAudio: rate.optional(),
  inputImage: rate.optional(),
  outputImage: rate.optional(),
};

/** Facts on a model, as configuration and administrators write them. Prices in USD per million tokens, or per thousand. */
export const modelFactsSchema = z.strictObject({
  name: z.string().optional(),
  family: z.string().optional(),
  contextTokens: z.number().int().positive().optional(),
  maxOutputTokens: z.number().int().positive().optional(),
  inputModalities: z.array(z.enum(["text", "image", "audio", "video", "pdf"])).optional(),
  outputModalities: z.array(z.enum(["text", "image", "audio", "video", "pdf"])).optional(),
  tools: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  structuredOutput: z.boolean().optional(),
  temperature: z.boolean().optional(),
  embeddings: z.boolean().optional(),
  price: z
    .strictObject({
      ...rates,
      tiers: z.array(z.strictObject({ ...rates, aboveInputTokens: z.number().int().positive() })).optional(),
      thousandRequests: rate.optional(),
      thousandSearches: rate.optional(),
    })
    .optional(),
  openWeights: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  region: z.string().optional(),
  qualityTier: z.enum(qualityTiers).optional(),
  speed: z.enum(modelSpeeds).optional(),
  bestFor: z.array(z.string().min(1)).optional(),
});

/** A provider's name stands before the slash of a target, so it holds none. */
export const providerName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "expected up to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit",
  );

/**
 * The header names and values that a provider may be given; a line break would smuggle another header. Values may be
 * credentials, so that all of them are treated as secrets.
 */
const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "expected a header name"),
  secret({ pattern: /^[\t\x20-\x7e]*$/, error: "expected a header value of printable ASCII" }),
);

const baseUrl = z
  .url({ protocol: /^https?$/, error: "expected an http or https URL" })
  .refine((url) => !/[?#]/.test(url) && !/^https?:\/\/[^/]*@/.test(url), "must hold no query, fragment or password")
  .transform((url) => url.replace(/\/+$/, ""));

/** One entry under `providers`. */
export const providerSchema = (kinds: readonly [string, ...string[]]) =>
  z.strictObject({
    kind: z.enum(kinds),
    baseUrl: baseUrl.optional(),
    apiKey: secret().optional(),
    apiKeys: z.array(secret()).optional(),
    headers: headers.optional(),
    /** Lower comes first where a bare model name is served by several. */
    priority: z.number().int().default(10),
    enabled: z.boolean().default(true),
    models: z.record(z.string(), modelFactsSchema).optional(),
    options: z.record(z.string(), z.unknown()).optional(),
  });

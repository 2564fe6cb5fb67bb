import { z } from "zod";
import { type ModelFacts, modelSpeeds, qualityTiers, targetId } from "../../../core/model.ts";
import type { AdminModel } from "../dependencies.ts";
import { revision, source } from "./providers.ts";
import { named } from "./registry.ts";

const modality = z.enum(["text", "image", "audio", "video", "pdf"]);
const usdPerMillion = z.number().min(0).max(1_000_000);
const text = z.string().min(1).max(300);
const date = z
  .string()
  .regex(/^\d{4}(?:-\d{2}(?:-\d{2})?)?$/, { error: "expected a date such as 2026-11 or 2026-11-30" });

const price = named(
  "Price",
  z
    .strictObject({
      input: usdPerMillion,
      output: usdPerMillion,
      cacheRead: usdPerMillion.optional(),
      cacheWrite: usdPerMillion.optional(),
      cacheWriteLong: usdPerMillion.optional().describe("Written for an hour; absent: twice the input."),
      reasoning: usdPerMillion.optional(),
      inputAudio: usdPerMillion.optional(),
      outputAudio: usdPerMillion.optional(),
      inputImage: usdPerMillion.optional(),
      outputImage: usdPerMillion.optional(),
      thousandRequests: usdPerMillion.optional().describe("USD per thousand requests, beside the tokens."),
      thousandSearches: usdPerMillion.optional().describe("USD per thousand searches that the provider made."),
    })
    .describe("USD per million tokens, by kind of token. An absent kind costs what its total costs."),
);

const facts = {
  name: text.optional(),
  family: text.optional(),
  contextTokens: z.int().min(1).optional().describe("Tokens that prompt and answer may fill together."),
  maxOutputTokens: z.int().min(1).optional(),
  inputModalities: z.array(modality).optional(),
  outputModalities: z.array(modality).optional(),
  tools: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  structuredOutput: z.boolean().optional(),
  temperature: z.boolean().optional().describe("Whether the model takes a temperature."),
  embeddings: z.boolean().optional().describe("Serves embeddings rather than chat."),
  price: price.optional(),
  openWeights: z.boolean().optional(),
  knowledge: date.optional(),
  releaseDate: date.optional(),
  tags: z.array(text).max(100).optional(),
  region: text.optional().describe("Where it runs, such as `eu` or `eu-central-1`."),
  qualityTier: z
    .enum(qualityTiers)
    .optional()
    .describe("How good its answers are, roughly. Absent: reckoned from price, age and size."),
  speed: z.enum(modelSpeeds).optional().describe("Absent: reckoned from size and price."),
  bestFor: z.array(text).max(100).optional().describe("Kinds of task that it does well."),
  asOf: date.optional().describe("Date of these facts."),
};

export const modelRequest = named(
  "ModelRequest",
  z.strictObject({
    facts: z.strictObject(facts).describe("An absent fact is taken from the catalogue, where it knows one."),
    enabled: z.boolean().optional().describe("True when absent."),
  }),
);

export const modelResponse = named(
  "Model",
  z.strictObject({
    id: z.string().describe("`provider/model`, as clients may write it."),
    provider: z.string(),
    model: z.string(),
    enabled: z.boolean(),
    source,
    revision,
    facts: z.strictObject({
      ...facts,
      source: z.enum(["catalogue", "configuration", "admin", "upstream"]).optional(),
    }),
  }),
);
export const modelList = named(
  "ModelList",
  z.strictObject({ data: z.array(modelResponse), total: z.int().describe("How many match, shown here or not.") }),
);
export const modelQuery = z.strictObject({
  provider: z.string().optional().describe("Only models of this provider."),
  search: z.string().max(200).optional().describe("Only models with this text in their id, name or family."),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});

/** Zod tells an absent field from one that is undefined; our own types do too. */
export const readFacts = (input: z.output<typeof modelRequest>["facts"]): ModelFacts =>
  Object.fromEntries(
    Object.entries({ ...input, source: "admin" }).filter(([, value]) => value !== undefined),
  ) as ModelFacts;

export const showModel = (model: AdminModel): z.input<typeof modelResponse> => ({
  id: targetId(model.provider, model.model),
  provider: model.provider,
  model: model.model,
  enabled: model.enabled,
  source: model.source,
  revision: model.revision,
  facts: model.facts as z.input<typeof modelResponse>["facts"],
});

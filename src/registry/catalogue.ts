import { z } from "zod";
import type { Modality, ModelFacts } from "../core/model.ts";
import type { Price, Rates } from "../core/money.ts";
import type { CatalogueImport } from "../core/ports/catalogue.ts";

const rates = z.object({
  input: z.number().optional(),
  output: z.number().optional(),
  cache_read: z.number().optional(),
  cached_input: z.number().optional(),
  cache_write: z.number().optional(),
  cached_write: z.number().optional(),
  reasoning: z.number().optional(),
  input_audio: z.number().optional(),
  output_audio: z.number().optional(),
  request: z.number().optional(),
});
const model = z.object({
  name: z.string().optional(),
  family: z.string().optional(),
  release_date: z.string().optional(),
  knowledge: z.string().optional(),
  reasoning: z.boolean().optional(),
  temperature: z.boolean().optional(),
  tool_call: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  open_weights: z.boolean().optional(),
  status: z.string().optional(),
  modalities: z
    .object({ input: z.array(z.string()), output: z.array(z.string()) })
    .partial()
    .optional(),
  limit: z.object({ context: z.number(), output: z.number() }).partial().optional(),
  cost: rates.extend({ tiers: z.array(rates.extend({ tier: z.object({ size: z.number() }) })).optional() }).optional(),
});
const catalogue = z.object({
  as_of: z.string(),
  providers: z.record(z.string(), z.object({ models: z.record(z.string(), model) })),
});

type WireRates = z.output<typeof rates>;
type WireModel = z.output<typeof model>;

const present = <Fields extends Record<string, unknown>>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const toRates = (wire: WireRates): Rates => ({
  input: wire.input ?? 0,
  output: wire.output ?? 0,
  ...present({
    cacheRead: wire.cache_read ?? wire.cached_input,
    cacheWrite: wire.cache_write ?? wire.cached_write,
    reasoning: wire.reasoning,
    inputAudio: wire.input_audio,
    outputAudio: wire.output_audio,
  }),
});

const toPrice = (cost: NonNullable<WireModel["cost"]>): Price => ({
  ...toRates(cost),
  // The catalogue has it for one model, Perplexity's deep research, which charges for each search ("Pricing").
  ...present({ thousandSearches: cost.request }),
  ...(cost.tiers === undefined
    ? {}
    : { tiers: cost.tiers.map((tier) => ({ ...toRates(tier), aboveInputTokens: tier.tier.size })) }),
});

const modalities = new Set<string>(["text", "image", "audio", "video", "pdf"]);
const knownModalities = (names: readonly string[] | undefined): readonly Modality[] | undefined =>
  names?.filter((name): name is Modality => modalities.has(name));

const positive = (count: number | undefined): number | undefined => (count ? count : undefined);

const toFacts = (id: string, wire: WireModel, asOf: string): ModelFacts => {
  const isEmbedding = /embed/i.test(wire.family ?? "") || /embed/i.test(id);
  return {
    ...present({
      name: wire.name,
      family: wire.family,
      contextTokens: positive(wire.limit?.context),
      // Of an embedding model the catalogue's output limit is the length of its vectors.
      maxOutputTokens: isEmbedding ? undefined : positive(wire.limit?.output),
      inputModalities: knownModalities(wire.modalities?.input),
      outputModalities: knownModalities(wire.modalities?.output),
      tools: wire.tool_call,
      reasoning: wire.reasoning,
      structuredOutput: wire.structured_output,
      temperature: wire.temperature,
      openWeights: wire.open_weights,
      knowledge: wire.knowledge,
      releaseDate: wire.release_date,
      price: wire.cost === undefined ? undefined : toPrice(wire.cost),
      tags: wire.status === undefined ? undefined : [wire.status],
    }),
    ...(isEmbedding ? { embeddings: true } : {}),
    asOf,
    source: "catalogue",
  };
};

/** Reads a catalogue in the form of models.dev. Throws ZodError where it is not in that form. */
export const parseCatalogue = (value: unknown): CatalogueImport => {
  const { as_of: asOf, providers } = catalogue.parse(value);
  return {
    asOf,
    models: Object.entries(providers).flatMap(([provider, { models }]) =>
      Object.entries(models).map(([name, wire]) => ({ provider, model: name, facts: toFacts(name, wire, asOf) })),
    ),
  };
};

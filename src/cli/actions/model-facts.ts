import { wrongUsage } from "../cli-error.ts";

/** The options that state facts of a model. */
export interface FactFlags {
  readonly name?: string;
  readonly context?: string;
  readonly maxOutput?: string;
  readonly inputPrice?: string;
  readonly outputPrice?: string;
  readonly tools?: boolean;
  readonly reasoning?: boolean;
  readonly embeddings?: boolean;
  readonly tags?: readonly string[];
  readonly region?: string;
  readonly quality?: string;
  readonly speed?: string;
  readonly bestFor?: readonly string[];
}

type Facts = Readonly<Record<string, unknown>>;

/** `128000`, `128k` (128,000) or `1m`. */
const readTokens = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text.trim());
  const factor = { "": 1, k: 1_000, m: 1_000_000 }[match?.[2]?.toLowerCase() ?? ""] ?? 1;
  const tokens = Number(match?.[1]) * factor;
  if (Number.isSafeInteger(tokens) && tokens > 0) return tokens;
  throw wrongUsage(`${option} takes a number of tokens, such as 128000 or 128k; got '${text}'.`);
};

const readPrice = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text);
  throw wrongUsage(`${option} takes USD per million tokens, such as 2.5; got '${text}'.`);
};

const withoutUndefined = (fields: Facts): Facts =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const isObject = (value: unknown): value is Facts => typeof value === "object" && value !== null;

/** The facts that a model has with the options laid over those that it had. Throws on options that say nothing. */
export const layFacts = (before: Facts, flags: FactFlags): Facts => {
  const input = readPrice("--input-price", flags.inputPrice);
  const output = readPrice("--output-price", flags.outputPrice);
  const former = isObject(before["price"]) ? before["price"] : {};
  const price = { ...former, ...withoutUndefined({ input, output }) };
  if ((input !== undefined || output !== undefined) && (price["input"] === undefined || price["output"] === undefined))
    throw wrongUsage("A price needs both --input-price and --output-price.");
  const changes = withoutUndefined({
    name: flags.name,
    contextTokens: readTokens("--context", flags.context),
    maxOutputTokens: readTokens("--max-output", flags.maxOutput),
    tools: flags.tools,
    reasoning: flags.reasoning,
    embeddings: flags.embeddings,
    tags: flags.tags,
    region: flags.region,
    qualityTier: flags.quality,
    speed: flags.speed,
    bestFor: flags.bestFor,
    price: input === undefined && output === undefined ? undefined : price,
  });
  return { ...before, ...changes };
};

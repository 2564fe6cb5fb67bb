import type { Usage } from "./usage.ts";

/**
 * Money in integers of 10⁻¹² USD. A price per million tokens with six decimals is a whole number of these per token,
 * so sums over calls are exact, and a number holds up to 9,007 USD of them.
 */
export type PicoUsd = number & { readonly unit?: "pico-usd" };

const picoPerUsd = 1e12;

export const toUsd = (amount: PicoUsd): number => amount / picoPerUsd;
export const fromUsd = (usd: number): PicoUsd => Math.round(usd * picoPerUsd);

/** USD per million tokens, by kind of token, as catalogues publish it. An absent kind costs what its total costs. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /**
   * Input written to a cache for an hour. Absent: twice the input, as Anthropic has it ("Prompt caching"), the only
   * provider that reports these tokens.
   */
  readonly cacheWriteLong?: number;
  readonly reasoning?: number;
  readonly inputAudio?: number;
  readonly outputAudio?: number;
  readonly inputImage?: number;
  readonly outputImage?: number;
}

/** What a model costs. A tier's rates hold for the whole of a request whose input is longer than its threshold. */
export interface Price extends Rates {
  readonly tiers?: readonly (Rates & { readonly aboveInputTokens: number })[];
  /** USD per thousand requests, beside the tokens. */
  readonly thousandRequests?: number;
  /** USD per thousand searches that the provider made and reported. */
  readonly thousandSearches?: number;
}

/** The rates for an input of this length: those of the highest tier that it exceeds. */
const ratesFor = (price: Price, inputTokens: number): Rates =>
  (price.tiers ?? []).reduce<Rates & { readonly aboveInputTokens?: number }>(
    (best, tier) =>
      inputTokens > tier.aboveInputTokens && tier.aboveInputTokens >= (best.aboveInputTokens ?? 0) ? tier : best,
    price,
  );

/** USD per million tokens → integer 10⁻¹² USD per token. */
const perToken = (usdPerMillion: number): number => Math.round(usdPerMillion * 1e6);
/** USD per thousand → integer 10⁻¹² USD for one. */
const perOne = (usdPerThousand: number | undefined): number => Math.round((usdPerThousand ?? 0) * 1e9);

interface Counted {
  readonly tokens: number;
  readonly rate: number;
  readonly parts: readonly (readonly [tokens: number | undefined, rate: number | undefined])[];
}

/** Parts at their own rates, the rest at the total's. Whatever a provider reports, no token is charged twice. */
const costOfParts = ({ tokens, rate, parts }: Counted): PicoUsd => {
  let rest = tokens;
  let cost = 0;
  for (const [part, own] of parts) {
    if (own === undefined) continue;
    const taken = Math.min(part ?? 0, rest);
    cost += taken * perToken(own);
    rest -= taken;
  }
  return cost + rest * perToken(rate);
};

/** What a usage costs at a price. Kinds of tokens are parts of the totals, so each token is charged once. */
export const costOf = (usage: Usage, price: Price): PicoUsd => {
  const rates = ratesFor(price, usage.inputTokens);
  const requests = perOne(price.thousandRequests) + (usage.searches ?? 0) * perOne(price.thousandSearches);
  return costOfInput(usage, rates) + costOfOutput(usage, rates) + requests;
};

const costOfInput = (usage: Usage, rates: Rates): PicoUsd => {
  // Most calls have tokens of no special kind.
  if (!(usage.cachedInputTokens || usage.cacheWriteTokens || usage.audioInputTokens || usage.imageInputTokens))
    return usage.inputTokens * perToken(rates.input);
  const long = usage.longCacheWriteTokens ?? 0;
  const cachedAudio = rates.cacheRead === undefined ? 0 : (usage.cachedAudioInputTokens ?? 0);
  return costOfParts({
    tokens: usage.inputTokens,
    rate: rates.input,
    parts: [
      [usage.cachedInputTokens, rates.cacheRead],
      [long, rates.cacheWriteLong ?? rates.input * 2],
      [Math.max(0, (usage.cacheWriteTokens ?? 0) - long), rates.cacheWrite],
      [Math.max(0, (usage.audioInputTokens ?? 0) - cachedAudio), rates.inputAudio],
      [usage.imageInputTokens, rates.inputImage],
    ],
  });
};

const costOfOutput = (usage: Usage, rates: Rates): PicoUsd => {
  if (!(usage.reasoningTokens || usage.audioOutputTokens || usage.imageOutputTokens))
    return usage.outputTokens * perToken(rates.output);
  return costOfParts({
    tokens: usage.outputTokens,
    rate: rates.output,
    parts: [
      [usage.reasoningTokens, rates.reasoning],
      [usage.audioOutputTokens, rates.outputAudio],
      [usage.imageOutputTokens, rates.outputImage],
    ],
  });
};

/**
 * The most that so many tokens can cost at a price, whatever their kind. Searches that the provider makes of its own
 * are not in it, since nothing bounds how many.
 */
export const dearestCostOf = (usage: Pick<Usage, "inputTokens" | "outputTokens">, price: Price): PicoUsd => {
  const { input, output, request } = dearestOf(price);
  return usage.inputTokens * input + usage.outputTokens * output + request;
};

interface Dearest {
  readonly input: PicoUsd;
  readonly output: PicoUsd;
  readonly request: PicoUsd;
}
const dearest = new WeakMap<Price, Dearest>();

/** Of each total the highest rate that any kind of its tokens has. Prices do not change, so it is found once for each. */
const dearestOf = (price: Price): Dearest => {
  const known = dearest.get(price);
  if (known !== undefined) return known;
  const all: readonly Rates[] = [price, ...(price.tiers ?? [])];
  const input = all.flatMap((rates) => {
    const written = rates.cacheWrite === undefined ? [] : [rates.cacheWrite, rates.cacheWriteLong ?? rates.input * 2];
    const { input, inputAudio = 0, inputImage = 0, cacheRead = 0, cacheWriteLong = 0 } = rates;
    return [input, inputAudio, inputImage, cacheRead, cacheWriteLong, ...written];
  });
  const output = all.flatMap((rates) => [
    rates.output,
    rates.reasoning ?? 0,
    rates.outputAudio ?? 0,
    rates.outputImage ?? 0,
  ]);
  const found = {
    input: perToken(Math.max(...input)),
    output: perToken(Math.max(...output)),
    request: perOne(price.thousandRequests),
  };
  dearest.set(price, found);
  return found;
};

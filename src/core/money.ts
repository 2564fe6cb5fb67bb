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
  readonly reasoning?: number;
  readonly inputAudio?: number;
  readonly outputAudio?: number;
}

/** What a model costs. A tier's rates hold for the whole of a request whose input is longer than its threshold. */
export interface Price extends Rates {
  readonly tiers?: readonly (Rates & { readonly aboveInputTokens: number })[];
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

/** What a usage costs at a price. Kinds of tokens are parts of the totals, so each token is charged once. */
export const costOf = (usage: Usage, tiered: Price): PicoUsd => {
  const price = ratesFor(tiered, usage.inputTokens);
  const cached = usage.cachedInputTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const audioIn = usage.audioInputTokens ?? 0;
  const audioOut = usage.audioOutputTokens ?? 0;
  const reasoning = usage.reasoningTokens ?? 0;
  const plainInput = Math.max(0, usage.inputTokens - cached - written - audioIn);
  const plainOutput = Math.max(0, usage.outputTokens - reasoning - audioOut);
  return (
    plainInput * perToken(price.input) +
    cached * perToken(price.cacheRead ?? price.input) +
    written * perToken(price.cacheWrite ?? price.input) +
    audioIn * perToken(price.inputAudio ?? price.input) +
    plainOutput * perToken(price.output) +
    reasoning * perToken(price.reasoning ?? price.output) +
    audioOut * perToken(price.outputAudio ?? price.output)
  );
};

import type { AttemptRecord } from "../core/ledger.ts";
import type { Price } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import type { FieldReader, FieldWriter } from "./packed-fields.ts";

// Prices are those of the catalogue: few objects, which many records share and nobody changes.
const priceTexts = new WeakMap<Price, string>();
const priceText = (price: Price): string => {
  const known = priceTexts.get(price);
  if (known !== undefined) return known;
  const text = JSON.stringify(price);
  priceTexts.set(price, text);
  return text;
};

const mostPrices = 1_000;
const prices = new Map<string, Price>();
/** One object for each price, so that who writes it out again need do so once. */
const priceOf = (text: string): Price => {
  const known = prices.get(text);
  if (known !== undefined) return known;
  if (prices.size >= mostPrices) prices.clear();
  const price = JSON.parse(text) as Price;
  prices.set(text, price);
  return price;
};

export const writePrice = (fields: FieldWriter, price: Price | null): void =>
  fields.string(price === null ? null : priceText(price));

export const readPrice = (fields: FieldReader): Price | null => {
  const text = fields.stringOrNull();
  return text === null ? null : priceOf(text);
};

/** Bits of one byte. Journals of before knew the first alone. */
const wasDelivered = 1;
const hasContributed = 2;

const noUsage = 0;
const plainUsage = 1;
const detailedUsage = 2;

const writeUsage = (fields: FieldWriter, usage: Usage | null): void => {
  if (usage === null) {
    fields.byte(noUsage);
    return;
  }
  let kinds = 0;
  for (const _ in usage) kinds += 1;
  fields.byte(kinds === 2 ? plainUsage : detailedUsage);
  if (kinds === 2) {
    fields.number(usage.inputTokens);
    fields.number(usage.outputTokens);
  } else fields.string(JSON.stringify(usage));
};

const readUsage = (fields: FieldReader): Usage | null => {
  const kind = fields.byte();
  if (kind === noUsage) return null;
  if (kind === detailedUsage) return JSON.parse(fields.string()) as Usage;
  const inputTokens = fields.number();
  return { inputTokens, outputTokens: fields.number() };
};

export const writeAttempt = (fields: FieldWriter, attempt: AttemptRecord): void => {
  fields.number(attempt.number);
  fields.string(attempt.target);
  fields.string(attempt.provider);
  fields.string(attempt.kind);
  fields.string(attempt.model);
  fields.string(attempt.outcome);
  fields.string(attempt.errorCode);
  fields.string(attempt.errorMessage);
  fields.number(attempt.upstreamStatus);
  fields.number(attempt.startedAfterMilliseconds);
  fields.number(attempt.headersAfterMilliseconds);
  fields.number(attempt.firstContentAfterMilliseconds);
  fields.number(attempt.endedAfterMilliseconds);
  writeUsage(fields, attempt.usage);
  fields.string(attempt.usageSource);
  writePrice(fields, attempt.price);
  fields.number(attempt.costPicoUsd);
  fields.string(attempt.costSource);
  fields.byte((attempt.delivered ? wasDelivered : 0) | (attempt.contributed === true ? hasContributed : 0));
};

type OpenRecord = { -readonly [Field in keyof AttemptRecord]: AttemptRecord[Field] };

export const readAttempt = (fields: FieldReader): AttemptRecord => {
  const attempt = readFields(fields);
  const part = fields.byte();
  attempt.delivered = (part & wasDelivered) !== 0;
  if ((part & hasContributed) !== 0) attempt.contributed = true;
  return attempt;
};

const readFields = (fields: FieldReader): OpenRecord => ({
  number: fields.number(),
  target: fields.string(),
  provider: fields.string(),
  kind: fields.string(),
  model: fields.string(),
  outcome: fields.string() as AttemptRecord["outcome"],
  errorCode: fields.stringOrNull() as AttemptRecord["errorCode"],
  errorMessage: fields.stringOrNull(),
  upstreamStatus: fields.numberOrNull(),
  startedAfterMilliseconds: fields.number(),
  headersAfterMilliseconds: fields.numberOrNull(),
  firstContentAfterMilliseconds: fields.numberOrNull(),
  endedAfterMilliseconds: fields.number(),
  usage: readUsage(fields),
  usageSource: fields.string() as AttemptRecord["usageSource"],
  price: readPrice(fields),
  costPicoUsd: fields.number(),
  costSource: fields.string() as AttemptRecord["costSource"],
  delivered: false,
});

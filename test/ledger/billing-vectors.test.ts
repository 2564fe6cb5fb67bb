import { describe, expect, test } from "bun:test";
import vectors from "../../docs/billing-vectors.json";
import { CallScope } from "../../src/core/call-scope.ts";
import { type ErrorCode, GatewayError } from "../../src/core/errors.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { CallRecord, JournalRecord, Outcome } from "../../src/core/ledger.ts";
import { costOf, dearestCostOf, type Price } from "../../src/core/money.ts";
import type { Usage } from "../../src/core/usage.ts";
import { checkCall } from "../../src/ledger/check-call.ts";
import { decodeUsage as decodeAnthropic } from "../../src/providers/anthropic/usage.ts";
import { readUsage as decodeGemini } from "../../src/providers/gemini/usage.ts";
import { openaiQuirks } from "../../src/providers/openai/quirks.ts";
import { decodeUsage as decodeOpenAi } from "../../src/providers/openai/usage.ts";
import { sampleDispatch } from "../contracts/sample-calls.ts";

interface AttemptVector {
  readonly price?: Price;
  readonly content?: string;
  readonly reported?: Usage;
  readonly outcome: Outcome;
  readonly error?: { readonly code: ErrorCode; readonly upstreamStatus?: number };
  readonly delivered: boolean;
  /** Its answer was looked at to choose the one that was given. */
  readonly contributed?: true;
  readonly worstCase?: number;
  readonly cost: number;
  readonly source: string;
}
interface Vectors {
  readonly costs: readonly { name: string; price: Price; usage: Usage; costPicoUsd: number }[];
  readonly usages: readonly { name: string; dialect: string; body: JsonObject; usage: Usage }[];
  readonly calls: readonly {
    name: string;
    attempts: readonly AttemptVector[];
    costPicoUsd: number;
    chargePicoUsd: number;
  }[];
}
const { costs, usages, calls } = vectors as unknown as Vectors;

describe("costs", () => {
  test.each(costs.map((vector) => [vector.name, vector] as const))("%s", (_, { price, usage, costPicoUsd }) => {
    expect(costOf(usage, price)).toBe(costPicoUsd);
  });

  test.each(costs.map((vector) => [vector.name, vector] as const))("no more than the worst case: %s", (_, vector) => {
    // Searches are not bounded by anything in the request.
    const { searches: _searches, ...usage } = vector.usage;
    expect(costOf(usage, vector.price)).toBeLessThanOrEqual(dearestCostOf(usage, vector.price));
  });
});

describe("usages", () => {
  const decoders: Readonly<Record<string, (body: JsonObject) => Usage | undefined>> = {
    openai: (body) => decodeOpenAi(body, openaiQuirks),
    anthropic: decodeAnthropic,
    gemini: decodeGemini,
  };
  test.each(usages.map((vector) => [vector.name, vector] as const))("%s", (_, { dialect, body, usage }) => {
    expect(decoders[dialect]?.(body)).toEqual(usage);
  });
});

/** What every prompt of the vectors is estimated at. */
const promptTokens = 20;

const play = (attempts: readonly AttemptVector[]): CallRecord => {
  const appended: JournalRecord[] = [];
  const scope = new CallScope({
    head: sampleDispatch("a").call,
    clock: { monotonic: () => 0, wall: () => 0 },
    journal: { append: (record) => void appended.push(record), flushed: () => undefined },
    estimateInputTokens: () => promptTokens,
    onEnded: () => undefined,
    onSettled: () => undefined,
  });
  for (const { price, content, reported, outcome, error, delivered, contributed, worstCase } of attempts) {
    const facts = price === undefined ? {} : { price };
    const attempt = scope.dispatch({ id: "p/m", provider: "p", kind: "openai", model: "m", facts }, worstCase ?? null);
    for (const character of content ?? "") attempt.content(character);
    if (delivered) attempt.deliver();
    if (contributed === true) attempt.contribute();
    if (reported !== undefined) attempt.usage(reported);
    const { code, ...details } = error ?? {};
    attempt.end(outcome, code === undefined ? undefined : new GatewayError(code, "It failed.", details));
  }
  const record = scope.finish({ outcome: attempts.at(-1)?.outcome ?? "error", status: 200 });
  expect(appended).toHaveLength(attempts.length + 1);
  return record;
};

describe("calls", () => {
  test.each(calls.map((vector) => [vector.name, vector] as const))(
    "%s",
    (_, { attempts, costPicoUsd, chargePicoUsd }) => {
      const record = play(attempts);
      expect(record.attempts.map((one) => [one.costPicoUsd, one.costSource])).toEqual(
        attempts.map(({ cost, source }) => [cost, source as (typeof record.attempts)[number]["costSource"]]),
      );
      expect(record).toMatchObject({ costPicoUsd, chargePicoUsd });
      expect(checkCall(record)).toEqual([]);
    },
  );
});

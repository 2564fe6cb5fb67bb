import { describe, expect, test } from "bun:test";
import { makeCall } from "../../test/support/make-call.ts";
import type { Call } from "../core/call.ts";
import type { ChatRequest, UserPart } from "../core/chat.ts";
import type { ModelFacts, Target } from "../core/model.ts";
import { costOf, type Price } from "../core/money.ts";
import { boundOf, worstCase } from "./worst-case.ts";

/** A dollar for a million tokens is 10⁶ of the unit for one, so that costs read as tokens. */
const price: Price = { input: 1, output: 1 };
const token = 1_000_000;

const targetOf = (facts: ModelFacts, kind = "openai", model = "m"): Target => ({
  id: `p/${model}`,
  provider: "p",
  kind,
  model,
  facts,
});

const callOf = (
  request: Partial<ChatRequest>,
  { bytes = 1_000, body = {}, changes = {} as Partial<Call> } = {},
): Call => {
  const { call } = makeCall({ targets: [targetOf({})], request });
  const wire = { ...call.wire, dialect: "openai" as const, bytes, body, parsed: call.request };
  return { ...(call as unknown as Call), wire, ...changes };
};

const tokensOf = (call: Call, facts: ModelFacts, kind?: string): number =>
  (worstCase(call, targetOf({ price, ...facts }, kind)) as number) / token;
/** Of a request of a thousand bytes with one message. */
const frame = 1_000 + 256 + 8;

describe("what is bounded", () => {
  const part = (one: UserPart): Partial<ChatRequest> => ({
    maxOutputTokens: 100,
    messages: [{ role: "user", content: [one] }],
  });
  const image = { type: "image", source: { kind: "url", url: "http://x/y.png" } } as const;
  const bash = { type: "opaque", dialect: "anthropic", value: { type: "bash_20250124", name: "bash" } } as const;
  const cases: readonly {
    readonly name: string;
    readonly request: Partial<ChatRequest>;
    readonly facts?: ModelFacts;
    readonly kind?: string;
    readonly body?: object;
    readonly tokens: number;
  }[] = [
    { name: "the client's limit", request: { maxOutputTokens: 100 }, tokens: frame + 100 },
    { name: "its limit for each answer", request: { maxOutputTokens: 100, n: 128 }, tokens: frame + 12_800 },
    { name: "the model's limit", request: {}, facts: { maxOutputTokens: 70, contextTokens: 9 }, tokens: frame + 70 },
    { name: "the context", request: {}, facts: { contextTokens: 500 }, tokens: frame + 500 },
    { name: "the larger of two limits", request: { maxOutputTokens: 5 }, body: { max_tokens: 9 }, tokens: frame + 9 },
    {
      name: "more answers in a field that only servers know",
      request: { maxOutputTokens: 10, extra: { dialect: "openai", fields: { best_of: 4 } } },
      tokens: frame + 40,
    },
    {
      name: "what is predicted, and refused",
      request: { maxOutputTokens: 10, extra: { dialect: "openai", fields: { prediction: { content: "x" } } } },
      tokens: frame + 10 + 1_000,
    },
    { name: "an image, however small", request: part(image), tokens: frame + 50_000 + 100 },
    {
      name: "an image where they are scaled",
      request: part(image),
      kind: "anthropic",
      tokens: 2 * (frame + 5_000) + 100,
    },
    {
      name: "sound by its bytes",
      request: part({ type: "audio", format: "wav", data: "AAAA" }),
      tokens: frame + 100,
    },
    {
      name: "a file by the context",
      request: part({ type: "file", source: { kind: "file", fileId: "f" } }),
      facts: { contextTokens: 20_000 },
      tokens: 20_000 + 100,
    },
    {
      name: "text in a file by its bytes",
      request: part({ type: "file", source: { kind: "base64", mediaType: "text/plain", data: "AAAA" } }),
      tokens: frame + 100,
    },
    {
      name: "tools, with what a provider says of them",
      request: { maxOutputTokens: 10, tools: [{ type: "function", name: "f" }] },
      tokens: frame + 1_024 + 10,
    },
    {
      name: "a provider's tool that the client carries out",
      request: { maxOutputTokens: 10, tools: [bash] },
      tokens: frame + 2 * 1_024 + 10,
    },
    {
      name: "reasoning beyond the client's limit",
      request: { maxOutputTokens: 10 },
      facts: { maxOutputTokens: 400 },
      kind: "xai",
      tokens: frame + 10 + 400,
    },
  ];
  for (const { name, request, facts = {}, kind, body = {}, tokens } of cases)
    test(name, () => expect(tokensOf(callOf(request, { body }), facts, kind)).toBe(tokens));

  test("prompts and drafts of a text completion", () => {
    const request = { model: "m", prompt: ["a", "b", "c"], maxOutputTokens: 10, n: 2, bestOf: 4, stream: false };
    const call = callOf({}, { changes: { operation: "textCompletion", request: request as never } });
    expect(tokensOf(call, {})).toBe(1_000 + 256 + 3 * 4 * 10);
  });

  test("embeddings have no answer", () =>
    expect(tokensOf(callOf({}, { changes: { operation: "embeddings" } }), {})).toBe(1_256));

  test("a request that grew on its way, by what it grew", () => {
    const call = callOf({ maxOutputTokens: 10 });
    const text = "ä".repeat(5_000);
    const grown = {
      ...call,
      request: {
        ...(call.request as ChatRequest),
        messages: [{ role: "assistant" as const, content: [{ type: "text" as const, text }] }],
      },
    };
    expect(tokensOf(grown, {})).toBeGreaterThan(10_000);
    const limited = { ...call, request: { ...(call.request as ChatRequest), maxOutputTokens: 20 } };
    expect(tokensOf(limited, {})).toBe(frame + 20);
  });
});

describe("what is not", () => {
  const search = { type: "opaque", dialect: "anthropic", value: { type: "web_search_20250305" } } as const;
  const file = { type: "file", source: { kind: "url", url: "http://x/y.pdf" } } as const;
  const cases: readonly (readonly [
    missing: string,
    request: Partial<ChatRequest>,
    facts: ModelFacts,
    model?: string,
  ])[] = [
    ["price", { maxOutputTokens: 10 }, {}],
    ["output", {}, { price }],
    ["output", {}, { price, maxOutputTokens: 0, contextTokens: 0 }],
    ["media", { maxOutputTokens: 10, messages: [{ role: "user", content: [file] }] }, { price }],
    ["tools", { maxOutputTokens: 10, tools: [search] }, { price, contextTokens: 1_000 }],
    ["tools", { maxOutputTokens: 10, extra: { dialect: "openai", fields: { web_search_options: {} } } }, { price }],
    ["tools", { maxOutputTokens: 10 }, { price }, "gpt-4o-search-preview"],
  ];
  for (const [missing, request, facts, model] of cases)
    test(`${missing}: ${JSON.stringify(request).slice(0, 60)}`, () =>
      expect(boundOf(callOf(request), targetOf(facts, "openai", model))).toEqual({ cost: null, missing } as never));
});

describe("rates", () => {
  const dear: Price = {
    input: 1,
    output: 2,
    cacheWrite: 1.25,
    outputAudio: 80,
    thousandRequests: 5,
    tiers: [{ aboveInputTokens: 10, input: 3, output: 4, cacheWrite: 3.75 }],
  };
  test.each([
    [
      "cache written for an hour",
      { inputTokens: 1_264, outputTokens: 0, cacheWriteTokens: 1_264, longCacheWriteTokens: 1_264 },
    ],
    ["a long context", { inputTokens: 1_264, outputTokens: 100 }],
    ["sound", { inputTokens: 1_264, outputTokens: 100, audioOutputTokens: 100 }],
  ])("the dearest holds for all: %s", (_, usage) => {
    const bound = worstCase(callOf({ maxOutputTokens: 100 }), targetOf({ price: dear }));
    expect(bound as number).toBeGreaterThanOrEqual(costOf(usage, dear));
  });

  test("Anthropic's cache is paid for also where the price does not name it", () => {
    const usage = { inputTokens: 1_264, outputTokens: 100, cacheWriteTokens: 1_264, longCacheWriteTokens: 1_264 };
    const bound = worstCase(callOf({ maxOutputTokens: 100 }), targetOf({ price }, "anthropic"));
    expect(bound as number).toBe(costOf(usage, price));
  });

  test("what costs nothing costs nothing", () =>
    expect(worstCase(callOf({}), targetOf({ price: { input: 0, output: 0 }, maxOutputTokens: 1e9 }))).toBe(0));
});

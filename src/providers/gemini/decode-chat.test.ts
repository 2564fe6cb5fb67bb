import { describe, expect, test } from "bun:test";
import { chatOf, codeThrownBy, fixtureJson, provider, request } from "./testing.ts";

const chat = chatOf(provider);
const decode = (body: unknown) => chat.decode(body, request());
const ending = (finishReason: unknown, parts: readonly unknown[] = [{ text: "x" }]): unknown => ({
  candidates: [{ content: { parts }, finishReason }],
});

describe("decode a whole answer", () => {
  const signed = { thoughtSignature: "c2ln" };
  const data = { providerData: { gemini: signed } };
  const prose: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
    ["texts", [{ text: "a" }, { text: "b" }, { text: "c" }], [{ type: "text", text: "abc" }]],
    [
      "thoughts, then texts",
      [{ text: "a", thought: true }, { text: "b", thought: true }, { text: "c" }, { text: "d" }],
      [
        { type: "reasoning", text: "ab" },
        { type: "text", text: "cd" },
      ],
    ],
    [
      "a signature among texts",
      [{ text: "a" }, { text: "b", ...signed }, { text: "c" }, { text: "d" }],
      [
        { type: "text", text: "a" },
        { type: "text", text: "b", ...data },
        { type: "text", text: "cd" },
      ],
    ],
    [
      "texts around a call",
      [{ text: "a" }, { functionCall: { id: "1", name: "f", args: {} } }, { text: "b" }],
      [
        { type: "text", text: "a" },
        { type: "toolCall", id: "1", name: "f", arguments: "{}" },
        { type: "text", text: "b" },
      ],
    ],
  ];
  test.each(prose)("adjacent parts are one where nothing tells them apart: %s", (_name, parts, content) => {
    expect(decode(ending("STOP", parts)).choices[0]?.content).toEqual([...content] as never);
  });

  test("the model is left empty where the answer does not name it", () => {
    expect(decode(ending("STOP")).model).toBe("");
  });

  test("reasoning, text, calls and usage", () => {
    const { choices, ...rest } = decode(fixtureJson("whole.json"));
    expect(rest).toEqual({
      id: "resp-1",
      created: 0,
      model: "gemini-2.5-flash",
      usage: {
        inputTokens: 125,
        outputTokens: 80,
        cachedInputTokens: 100,
        reasoningTokens: 50,
        audioInputTokens: 32,
        imageInputTokens: 8,
      },
    });
    expect(choices).toEqual([
      {
        index: 0,
        finishReason: "toolCalls",
        content: [
          { type: "reasoning", text: "The user wants two cities." },
          {
            type: "text",
            text: "I will look both up.",
            providerData: { gemini: { thoughtSignature: "c2lnLXRleHQ=" } },
          },
          {
            type: "toolCall",
            id: "fc-1",
            name: "get_weather",
            arguments: '{"city":"Paris"}',
            providerData: { gemini: { thoughtSignature: "c2lnLWNhbGw=" } },
          },
          {
            type: "toolCall",
            id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
            name: "get_weather",
            arguments: '{"city":"Oslo"}',
          },
        ],
      },
    ]);
  });

  test("invented ids are the same each time", () => {
    expect(decode(fixtureJson("whole.json"))).toEqual(decode(fixtureJson("whole.json")));
  });

  test("sources, log-probabilities, parts of its own; the grand total tells the output", () => {
    const answer = decode(fixtureJson("grounded.json"));
    expect(answer.usage).toEqual({ inputTokens: 3, outputTokens: 7 });
    expect(answer.choices).toEqual([
      {
        index: 0,
        finishReason: "length",
        content: [
          { type: "text", text: "Rain." },
          { type: "opaque", dialect: "gemini", value: { executableCode: { language: "PYTHON", code: "1+1" } } },
        ],
        logprobs: {
          content: [
            {
              token: "Rain.",
              logprob: -0.25,
              bytes: [82, 97, 105, 110, 46],
              top_logprobs: [
                { token: "Rain.", logprob: -0.25, bytes: [82, 97, 105, 110, 46] },
                { token: "Sun", logprob: -1.5, bytes: [83, 117, 110] },
              ],
            },
          ],
          refusal: null,
        },
        extra: { dialect: "gemini", fields: { groundingMetadata: { webSearchQueries: ["weather"] } } },
      },
    ]);
  });

  test.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "contentFilter"],
    ["RECITATION", "contentFilter"],
    ["SPII", "contentFilter"],
    ["OTHER", "contentFilter"],
    ["SOMETHING_NEW", "contentFilter"],
    ["constructor", "contentFilter"],
  ])("%s ends it as %s", (reason, expected) => {
    expect(decode(ending(reason)).choices[0]?.finishReason).toBe(expected as "stop");
  });

  test("a candidate that was blocked has no content", () => {
    expect(decode({ candidates: [{ finishReason: "SAFETY", index: 0 }] }).choices).toEqual([
      { index: 0, content: [], finishReason: "contentFilter" },
    ]);
  });

  test("calls with the same id stay apart", () => {
    const call = { functionCall: { id: "x", name: "f", args: {} } };
    const ids = decode(ending("STOP", [call, call])).choices[0]?.content.map((part) => "id" in part && part.id);
    expect(new Set(ids).size).toBe(2);
  });

  const failures: readonly (readonly [string, unknown, string])[] = [
    ["a blocked prompt", fixtureJson("blocked.json"), "content_policy_violation"],
    ["no candidates", {}, "upstream_invalid_response"],
    ["not an object", "text", "upstream_invalid_response"],
    ["null", null, "upstream_invalid_response"],
    ["candidates of another shape", { candidates: {} }, "upstream_invalid_response"],
    ["a candidate that is null", { candidates: [null] }, "upstream_invalid_response"],
    ["no finish reason", ending(undefined), "upstream_invalid_response"],
    [
      "parts of another shape",
      { candidates: [{ content: { parts: {} }, finishReason: "STOP" }] },
      "upstream_invalid_response",
    ],
    ["a part that is null", ending("STOP", [null]), "upstream_invalid_response"],
    ["a text that is a number", ending("STOP", [{ text: 1 }]), "upstream_invalid_response"],
    ["a call without a name", ending("STOP", [{ functionCall: {} }]), "upstream_invalid_response"],
    ["a malformed call", ending("MALFORMED_FUNCTION_CALL"), "upstream_error"],
    ["an error in an array", [{ error: { code: 503, message: "busy", status: "UNAVAILABLE" } }], "upstream_overloaded"],
  ];
  test.each(failures)("%s is refused", (_name, body, code) => {
    expect(codeThrownBy(() => decode(body))).toBe(code);
  });
});

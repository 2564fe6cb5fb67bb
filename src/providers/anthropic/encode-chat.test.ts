import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { requestOf, targetOf } from "./fixtures/requests.ts";

const hi = [{ role: "user", content: [{ type: "text", text: "Hi" }] }];
/** What every encoded case has beside the fields that it is about. */
const base = { model: "claude-sonnet-4-5", max_tokens: 4_000, messages: hi };
const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
const tool = { type: "function", name: "find", parameters: schema } as const;
const wireTool = { name: "find", input_schema: schema };

interface Case {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly model?: string;
  readonly facts?: ModelFacts;
  readonly wire: Readonly<Record<string, unknown>>;
}

const check = (cases: readonly Case[]) => {
  for (const { name, request, model, facts, wire } of cases)
    test(name, () => {
      const target = targetOf(model ?? "claude-sonnet-4-5", facts);
      const body = JSON.parse(JSON.stringify(encodeChatBody(requestOf(request), target)));
      expect(body).toEqual({ ...base, ...(model === undefined ? {} : { model }), ...wire });
    });
};

describe("fields of a chat request", () => {
  check([
    { name: "the least", request: {}, wire: {} },
    { name: "streamed", request: { stream: true }, wire: { stream: true } },
    {
      name: "sampling, stop and user",
      request: { temperature: 0.5, topK: 5, stop: ["END"], user: "u1" },
      wire: { temperature: 0.5, top_k: 5, stop_sequences: ["END"], metadata: { user_id: "u1" } },
    },
    { name: "a default beside the other sampling field", request: { temperature: 1, topP: 0.9 }, wire: { top_p: 0.9 } },
    { name: "the other way round", request: { temperature: 0.2, topP: 1 }, wire: { temperature: 0.2 } },
    {
      name: "a model without temperature",
      model: "claude-opus-4-8",
      facts: { temperature: false },
      request: { temperature: 1, topP: 1 },
      wire: {},
    },
    {
      name: "OpenAI's tier",
      request: { extra: { dialect: "openai", fields: { service_tier: "default", store: false } } },
      wire: { service_tier: "standard_only" },
    },
    {
      name: "fields of Anthropic's own, without the gateway's",
      request: {
        user: "u2",
        extra: {
          dialect: "anthropic",
          fields: { service_tier: "auto", route: "smart", metadata: { user_id: "u1", more: 1 }, inference_geo: "eu" },
        },
      },
      wire: { service_tier: "auto", inference_geo: "eu", metadata: { user_id: "u2", more: 1 } },
    },
  ]);
});

describe("the limit on output", () => {
  const limit = (maxOutputTokens: number | undefined, facts: ModelFacts) => {
    const { maxOutputTokens: _given, ...rest } = requestOf();
    const request = maxOutputTokens === undefined ? rest : { ...rest, maxOutputTokens };
    return encodeChatBody(request, targetOf("claude-sonnet-4-5", facts))["max_tokens"];
  };
  test.each([
    ["asked for", 100, { maxOutputTokens: 64_000 }, 100],
    ["the model's own", undefined, { maxOutputTokens: 8_192 }, 8_192],
    ["a large model's, capped", undefined, { maxOutputTokens: 128_000 }, 32_000],
    ["unknown", undefined, {}, 4_096],
  ] as const)("%s", (_name, asked, facts, expected) => expect(limit(asked, facts)).toBe(expected));
});

describe("tools", () => {
  check([
    { name: "a tool", request: { tools: [tool] }, wire: { tools: [wireTool] } },
    {
      name: "no arguments, a description, strict, a cache marker",
      request: {
        tools: [
          {
            type: "function",
            name: "now",
            description: "The time.",
            strict: true,
            providerData: { anthropic: { cache_control: { type: "ephemeral" } } },
          },
        ],
      },
      wire: {
        tools: [
          {
            name: "now",
            description: "The time.",
            input_schema: { type: "object", properties: {} },
            strict: true,
            cache_control: { type: "ephemeral" },
          },
        ],
      },
    },
    {
      name: "a server tool",
      request: {
        tools: [{ type: "opaque", dialect: "anthropic", value: { type: "web_search_20250305", name: "web_search" } }],
      },
      wire: { tools: [{ type: "web_search_20250305", name: "web_search" }] },
    },
    ...(
      [
        [{ toolChoice: { kind: "auto" } }, { type: "auto" }],
        [{ toolChoice: { kind: "none" }, parallelToolCalls: false }, { type: "none" }],
        [{ toolChoice: { kind: "required" } }, { type: "any" }],
        [{ toolChoice: { kind: "function", name: "find" } }, { type: "tool", name: "find" }],
        [{ parallelToolCalls: false }, { type: "auto", disable_parallel_tool_use: true }],
        [
          { toolChoice: { kind: "required" }, parallelToolCalls: false },
          { type: "any", disable_parallel_tool_use: true },
        ],
      ] as const
    ).map(([request, tool_choice]) => ({
      name: `choice ${JSON.stringify(tool_choice)}`,
      request: { tools: [tool], ...request },
      wire: { tools: [wireTool], tool_choice },
    })),
    { name: "a choice without tools", request: { toolChoice: { kind: "auto" } }, wire: {} },
  ]);
});

describe("structured output", () => {
  const responseFormat = { kind: "schema", name: "answer", schema } as const;
  const answer = { name: "json_response", description: "Give the answer in this form.", input_schema: schema };
  check([
    {
      name: "of its own",
      request: { responseFormat },
      wire: { output_config: { format: { type: "json_schema", schema } } },
    },
    {
      name: "beside an effort",
      model: "claude-opus-4-8",
      request: { responseFormat, reasoning: { effort: "low" } },
      wire: {
        thinking: { type: "adaptive" },
        output_config: { effort: "low", format: { type: "json_schema", schema } },
      },
    },
    {
      name: "by a forced tool on an older model",
      model: "claude-3-5-haiku-20241022",
      request: { responseFormat },
      wire: { tools: [answer], tool_choice: { type: "tool", name: "json_response", disable_parallel_tool_use: true } },
    },
    { name: "text", request: { responseFormat: { kind: "text" } }, wire: {} },
  ]);
});

describe("reasoning", () => {
  const enabled = (budget_tokens: number) => ({ thinking: { type: "enabled", budget_tokens } });
  const adaptive = (effort?: string) => ({
    thinking: { type: "adaptive" },
    ...(effort === undefined ? {} : { output_config: { effort } }),
  });
  const rows: readonly (readonly [string, Partial<ChatRequest>, Readonly<Record<string, unknown>>])[] = [
    ["claude-sonnet-4-5", { reasoning: { budgetTokens: 2_000 } }, enabled(2_000)],
    ["claude-sonnet-4-5", { reasoning: { budgetTokens: 100 } }, enabled(1_024)],
    ["claude-sonnet-4-5", { reasoning: { budgetTokens: 9_000 } }, enabled(3_999)],
    ["claude-sonnet-4-5", { reasoning: { effort: "low" } }, enabled(2_048)],
    ["claude-sonnet-4-5", { reasoning: { effort: "high" } }, enabled(3_000)],
    ["claude-sonnet-4-5", { reasoning: {} }, enabled(3_000)],
    ["claude-sonnet-4-5", { reasoning: { effort: "none" } }, { thinking: { type: "disabled" } }],
    ["claude-sonnet-4-5", { reasoning: { budgetTokens: 0 } }, { thinking: { type: "disabled" } }],
    ["kimi-k2", { reasoning: { budgetTokens: 2_000 } }, enabled(2_000)],
    [
      "claude-opus-4-5",
      { reasoning: { effort: "medium", budgetTokens: 2_000 } },
      { ...enabled(2_000), output_config: { effort: "medium" } },
    ],
    ["claude-opus-4-6", { reasoning: { budgetTokens: 2_000 } }, enabled(2_000)],
    ["claude-opus-4-6", { reasoning: { effort: "xhigh" } }, adaptive("high")],
    ["anthropic.claude-opus-4-6-v1", { reasoning: { effort: "max" } }, adaptive("max")],
    ["claude-opus-4-8", { reasoning: { effort: "xhigh" } }, adaptive("xhigh")],
    ["claude-opus-4-8", { reasoning: { effort: "minimal" } }, adaptive("low")],
    ["claude-opus-4-8", { reasoning: {} }, adaptive()],
    ["claude-fable-5", { reasoning: { budgetTokens: 8_000 } }, adaptive("medium")],
    [
      "claude-opus-4-8",
      {
        reasoning: {},
        extra: { dialect: "anthropic", fields: { thinking: { type: "adaptive", display: "summarized" } } },
      },
      { thinking: { type: "adaptive", display: "summarized" } },
    ],
    [
      "claude-sonnet-4-5",
      { reasoning: {}, extra: { dialect: "anthropic", fields: { thinking: { type: "adaptive" } } } },
      enabled(3_000),
    ],
  ];
  check(rows.map(([model, request, wire]) => ({ name: `${model} ${JSON.stringify(request)}`, model, request, wire })));

  test("an explicit budget leaves room for the answer where no limit is set", () => {
    const { maxOutputTokens: _given, ...request } = requestOf({ reasoning: { budgetTokens: 40_000 } });
    const body = encodeChatBody(request, targetOf("claude-sonnet-4-5", { maxOutputTokens: 64_000 }));
    expect(body).toMatchObject({ max_tokens: 44_096, thinking: { budget_tokens: 40_000 } });
  });
});

describe("messages", () => {
  const text = (value: string) => ({ type: "text", text: value }) as const;
  const cache = { cache_control: { type: "ephemeral" } } as const;
  const cases: readonly {
    name: string;
    model?: string;
    messages: readonly Message[];
    wire: Readonly<Record<string, unknown>>;
  }[] = [
    {
      name: "instructions become system blocks, cache markers stay",
      messages: [
        { role: "system", content: [{ ...text("Be brief."), providerData: { anthropic: cache } }] },
        { role: "developer", content: [text("Be kind.")] },
        { role: "user", content: [text("a"), text("")], providerData: { anthropic: cache } },
        { role: "user", content: [{ ...text("b"), providerData: { openai: cache } }] },
      ],
      wire: {
        system: [{ type: "text", text: "Be brief.", ...cache }, text("Be kind.")],
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "a", ...cache },
              { type: "text", text: "b", ...cache },
            ],
          },
        ],
      },
    },
    {
      name: "images and documents",
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { kind: "url", url: "https://x.example/a.png" }, detail: "low" },
            { type: "image", source: { kind: "url", url: "data:image/png;base64,iVBO" } },
            { type: "image", source: { kind: "file", fileId: "file_01" } },
            { type: "file", source: { kind: "base64", mediaType: "application/pdf", data: "JVBE" }, filename: "a.pdf" },
            { type: "file", source: { kind: "base64", mediaType: "text/plain", data: "SGk=" } },
            { type: "file", source: { kind: "url", url: "https://x.example/a.pdf" } },
          ],
        },
      ],
      wire: {
        messages: [
          {
            role: "user",
            content: [
              { type: "image", source: { type: "url", url: "https://x.example/a.png" } },
              { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
              { type: "image", source: { type: "file", file_id: "file_01" } },
              {
                type: "document",
                source: { type: "base64", media_type: "application/pdf", data: "JVBE" },
                title: "a.pdf",
              },
              { type: "document", source: { type: "text", media_type: "text/plain", data: "Hi" } },
              { type: "document", source: { type: "url", url: "https://x.example/a.pdf" } },
            ],
          },
        ],
      },
    },
    {
      name: "parallel tool calls with thinking, their results in one turn",
      messages: [
        { role: "user", content: [text("Weather?")] },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "Two calls.", providerData: { anthropic: { signature: "sig" } } },
            { type: "reasoning", text: "unsigned" },
            { type: "opaque", dialect: "anthropic", value: { type: "redacted_thinking", data: "Em" } },
            { type: "toolCall", id: "toolu_1", name: "find", arguments: '{"a":"x"}' },
            { type: "toolCall", id: "toolu_2", name: "find", arguments: "" },
          ],
        },
        { role: "tool", toolCallId: "toolu_1", content: [text("sun")] },
        { role: "tool", toolCallId: "toolu_2", content: [], isError: true },
        { role: "user", content: [text("And?")] },
      ],
      wire: {
        messages: [
          { role: "user", content: [text("Weather?")] },
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "Two calls.", signature: "sig" },
              { type: "redacted_thinking", data: "Em" },
              { type: "tool_use", id: "toolu_1", name: "find", input: { a: "x" } },
              { type: "tool_use", id: "toolu_2", name: "find", input: {} },
            ],
          },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: "toolu_1", content: [text("sun")] },
              { type: "tool_result", tool_use_id: "toolu_2", is_error: true },
              text("And?"),
            ],
          },
        ],
      },
    },
    {
      name: "an instruction between the turns, on a model that takes it there",
      model: "claude-opus-4-8",
      messages: [
        { role: "user", content: [text("a")] },
        { role: "system", content: [text("Now in French.")] },
      ],
      wire: {
        messages: [
          { role: "user", content: [text("a")] },
          { role: "system", content: [text("Now in French.")] },
        ],
      },
    },
    {
      name: "the same on another model",
      messages: [
        { role: "user", content: [text("a")] },
        { role: "system", content: [text("Now in French.")] },
      ],
      wire: { system: [text("Now in French.")], messages: [{ role: "user", content: [text("a")] }] },
    },
  ];
  check(cases.map(({ messages, ...rest }) => ({ ...rest, request: { messages } })));

  test("a foreign id of a call is rewritten, the same for call and result", () => {
    const body = encodeChatBody(
      requestOf({
        messages: [
          { role: "assistant", content: [{ type: "toolCall", id: "functions.find:0", name: "find", arguments: "{}" }] },
          { role: "tool", toolCallId: "functions.find:0", content: [text("x")] },
        ],
      }),
      targetOf("claude-sonnet-4-5"),
    );
    const [call, result] = body["messages"] as { content: Record<string, string>[] }[];
    expect(call?.content[0]?.["id"]).toMatch(/^toolu_[0-9a-f]{24}$/);
    expect(result?.content[0]?.["tool_use_id"]).toBe(call?.content[0]?.["id"] ?? "");
  });
});

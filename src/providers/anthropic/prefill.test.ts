import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import type { PrefillOption } from "../prefill.ts";
import { encodeChatBody } from "./encode-chat.ts";
import { requestOf, targetOf } from "./fixtures/requests.ts";
import { anthropic } from "./module.ts";

const create = (options: Readonly<Record<string, unknown>>) =>
  anthropic.create({ name: "claude", kind: "anthropic", apiKeys: [], headers: {}, options });
const schema = { type: "object", properties: { a: { type: "string" } } };
const tools = [{ type: "function", name: "find", parameters: schema }] as const;

interface Case {
  readonly model: string;
  readonly request?: Partial<ChatRequest>;
  readonly option?: PrefillOption;
  readonly mode: PrefillMode | undefined;
}
const cases: readonly Case[] = [
  { model: "claude-3-haiku-20240307", mode: "continues" },
  { model: "claude-3-7-sonnet-latest", mode: "continues" },
  { model: "claude-opus-4-1-20250805", mode: "continues" },
  { model: "claude-sonnet-4-5", mode: "continues" },
  { model: "anthropic.claude-haiku-4-5-20251001-v1:0", mode: "continues" },
  { model: "claude-opus-4-6", mode: undefined },
  { model: "claude-sonnet-4-6", mode: undefined },
  { model: "claude-opus-4-8", mode: undefined },
  { model: "claude-fable-5", mode: undefined },
  { model: "claude-mythos-preview", mode: undefined },
  { model: "claude-opus-5", option: "continues", mode: undefined },
  { model: "glm-5", mode: undefined },
  { model: "glm-5", option: "continues", mode: "continues" },
  { model: "glm-5", option: "echoes", mode: "echoes" },
  { model: "claude-sonnet-4-5", option: "off", mode: undefined },
  { model: "claude-sonnet-4-5", request: { reasoning: { effort: "low" } }, mode: undefined },
  { model: "claude-sonnet-4-5", request: { reasoning: { effort: "none" } }, mode: "continues" },
  {
    model: "claude-sonnet-4-5",
    request: {
      extra: { dialect: "anthropic", fields: { thinking: { type: "enabled", budget_tokens: 1_024 } } },
      maxOutputTokens: 4_000,
    },
    mode: undefined,
  },
  { model: "claude-sonnet-4-5", request: { tools }, mode: "continues" },
  { model: "claude-sonnet-4-5", request: { tools, toolChoice: { kind: "required" } }, mode: undefined },
  { model: "claude-sonnet-4-5", request: { tools, toolChoice: { kind: "function", name: "find" } }, mode: undefined },
  {
    model: "claude-sonnet-4-5",
    request: { tools: [{ type: "opaque", dialect: "anthropic", value: { type: "web_search_20250305" } }] },
    mode: undefined,
  },
  { model: "claude-sonnet-4-5", request: { responseFormat: { kind: "schema", name: "n", schema } }, mode: undefined },
  {
    model: "claude-sonnet-4-5",
    request: {
      extra: { dialect: "anthropic", fields: { output_config: { format: { type: "json_schema", schema } } } },
    },
    mode: undefined,
  },
];

describe("whether Claude goes on with a begun answer", () => {
  for (const { model, request = {}, option, mode } of cases)
    test(`${JSON.stringify({ model, ...request, option })}: ${mode}`, () => {
      const { chat } = create(option === undefined ? {} : { prefill: option });
      expect(chat?.prefill?.(requestOf(request), targetOf(model))).toBe(mode);
    });

  test("is the kind's only option", () => {
    for (const options of [{ prefill: "perhaps" }, { colour: "red" }])
      expect(() => create(options)).toThrow(
        expect.objectContaining({ code: "invalid_value", param: "providers.claude.options" }),
      );
  });
});

test("a begun answer is the last turn", () => {
  const request = requestOf({});
  const begun: ChatRequest = {
    ...request,
    continueFinal: true,
    messages: [...request.messages, { role: "assistant", content: [{ type: "text", text: "Once upon" }] }],
  };
  expect(encodeChatBody(begun, targetOf("claude-sonnet-4-5"))).toEqual({
    model: "claude-sonnet-4-5",
    max_tokens: 4_000,
    messages: [
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: [{ type: "text", text: "Once upon" }] },
    ],
  });
});

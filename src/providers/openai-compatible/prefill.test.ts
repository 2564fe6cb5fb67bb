import { describe, expect, test } from "bun:test";
import type { ChatRequest, Tool } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ModelFacts } from "../../core/model.ts";
import type { PrefillMode, ProviderSettings, Translator } from "../../core/ports/provider.ts";
import { openai } from "../openai/module.ts";
import { chatRequest, targetOf } from "../openai/testing.ts";
import { openaiCompatible } from "./table.ts";

const chatOf = (kind: string, fields: Partial<ProviderSettings> = {}): Translator<"chat"> => {
  const module = [openai, ...openaiCompatible].find((each) => each.kind === kind);
  const baseUrl = module?.defaultBaseUrl ?? "http://127.0.0.1:1/v1";
  const settings = { name: "mine", kind, baseUrl, apiKeys: [], headers: {}, options: {}, ...fields };
  const chat = module?.create(settings).chat;
  if (chat === undefined) throw new Error(`there is no kind ${kind}`);
  return chat;
};

const streamed = chatRequest({ stream: true });
const speaks: ModelFacts = { reasoning: false };
const thinks: ModelFacts = { reasoning: true };
const tool: Tool = { type: "function", name: "find" };

interface ModeCase {
  readonly kind: string;
  readonly model?: string;
  readonly facts?: ModelFacts;
  readonly settings?: Partial<ProviderSettings>;
  readonly request?: Partial<ChatRequest>;
  readonly mode: PrefillMode | undefined;
}
const beta = { baseUrl: "https://api.deepseek.com/beta" };
const cases: readonly ModeCase[] = [
  ...["openai", "openrouter", "xai", "venice", "together", "fireworks", "perplexity", "cerebras"].map((kind) => ({
    kind,
    facts: speaks,
    mode: undefined,
  })),
  { kind: "lmstudio", facts: speaks, mode: undefined },
  { kind: "openai-compatible", facts: speaks, mode: undefined },
  { kind: "openai-compatible", settings: { options: { prefill: "echoes" } }, mode: "echoes" },
  { kind: "openai-compatible", settings: { options: { prefill: "continues" } }, mode: "continues" },
  { kind: "openai", settings: { options: { prefill: "continues" } }, facts: thinks, mode: undefined },
  { kind: "groq", model: "llama-3.3-70b-versatile", facts: speaks, mode: "continues" },
  { kind: "groq", model: "llama-3.3-70b-versatile", mode: undefined },
  { kind: "groq", model: "openai/gpt-oss-120b", facts: speaks, mode: undefined },
  { kind: "mistral", model: "mistral-small-latest", mode: "echoes" },
  { kind: "mistral", model: "magistral-medium-latest", facts: thinks, mode: undefined },
  { kind: "mistral", settings: { options: { prefill: "off" } }, mode: undefined },
  { kind: "deepseek", model: "deepseek-chat", facts: speaks, mode: undefined },
  { kind: "deepseek", model: "deepseek-chat", facts: speaks, settings: beta, mode: "continues" },
  { kind: "deepseek", model: "deepseek-chat", settings: beta, mode: undefined },
  { kind: "deepseek", model: "deepseek-reasoner", facts: thinks, settings: beta, mode: undefined },
  { kind: "vllm", facts: speaks, mode: "echoes" },
  { kind: "vllm", mode: undefined },
  { kind: "vllm", settings: { options: { prefill: "continues" } }, mode: "continues" },
  { kind: "llmd", facts: speaks, mode: "echoes" },
  { kind: "llamacpp", mode: "continues" },
  { kind: "llamacpp", facts: thinks, mode: undefined },
  { kind: "llamacpp", request: { stream: false }, mode: undefined },
  { kind: "llamacpp", request: { stream: false }, settings: { options: { prefill: "echoes" } }, mode: "echoes" },
  // What a begun answer is must be text that can be cut anywhere.
  { kind: "llamacpp", request: { responseFormat: { kind: "text" } }, mode: "continues" },
  { kind: "llamacpp", request: { responseFormat: { kind: "json" } }, mode: undefined },
  { kind: "llamacpp", request: { responseFormat: { kind: "schema", name: "n", schema: {} } }, mode: undefined },
  { kind: "llamacpp", request: { n: 1 }, mode: "continues" },
  { kind: "llamacpp", request: { n: 2 }, mode: undefined },
  { kind: "llamacpp", request: { logprobs: true }, mode: undefined },
  { kind: "llamacpp", request: { topLogprobs: 2 }, mode: undefined },
  { kind: "llamacpp", request: { tools: [tool] }, mode: undefined },
  { kind: "llamacpp", request: { tools: [tool], toolChoice: { kind: "none" } }, mode: "continues" },
  { kind: "llamacpp", request: { tools: [tool], toolChoice: { kind: "required" } }, mode: undefined },
  { kind: "llamacpp", request: { reasoning: { effort: "none" } }, mode: "continues" },
  { kind: "llamacpp", request: { reasoning: { effort: "low" } }, mode: undefined },
  { kind: "llamacpp", request: { extra: { dialect: "openai", fields: { grammar: "root ::= x" } } }, mode: undefined },
  { kind: "llamacpp", request: { extra: { dialect: "openai", fields: { functions: [{}] } } }, mode: undefined },
  { kind: "llamacpp", request: { extra: { dialect: "openai", fields: { store: false } } }, mode: "continues" },
  {
    kind: "llamacpp",
    request: {
      messages: [...streamed.messages, { role: "assistant", content: [{ type: "text", text: "The client's" }] }],
    },
    mode: undefined,
  },
];

describe("whether a begun answer is gone on with", () => {
  for (const { kind, model = "m", facts, settings, request, mode } of cases) {
    const name = JSON.stringify({ kind, model, facts, ...settings, ...request });
    test(`${name}: ${mode}`, () => {
      expect(chatOf(kind, settings).prefill?.({ ...streamed, ...request }, targetOf(model, facts))).toBe(mode);
    });
  }

  test("is an option of three values", () => {
    expect(() => chatOf("vllm", { options: { prefill: "perhaps" } })).toThrow(
      expect.objectContaining({ code: "invalid_value", param: "providers.mine.options" }),
    );
  });
});

const user = { role: "user", content: "Hi" };
const begun: ChatRequest = {
  ...streamed,
  continueFinal: true,
  messages: [...streamed.messages, { role: "assistant", content: [{ type: "text", text: "Once upon" }] }],
};
const plain = { model: "m", stream: true, stream_options: { include_usage: true } };
const assistant = { role: "assistant", content: "Once upon" };
const continued = { continue_final_message: true, add_generation_prompt: false };
const wires: readonly (readonly [string, ProviderSettings["options"], JsonObject])[] = [
  ["groq", {}, { ...plain, messages: [user, assistant] }],
  ["llamacpp", {}, { ...plain, messages: [user, assistant] }],
  ["openai-compatible", { prefill: "continues" }, { ...plain, messages: [user, assistant] }],
  ["mistral", {}, { model: "m", stream: true, messages: [user, { ...assistant, prefix: true }] }],
  ["deepseek", {}, { ...plain, messages: [user, { ...assistant, prefix: true }] }],
  ["vllm", {}, { ...plain, messages: [user, assistant], ...continued, echo: true }],
  ["vllm", { prefill: "continues" }, { ...plain, messages: [user, assistant], ...continued, echo: false }],
  ["llmd", {}, { ...plain, messages: [user, assistant], ...continued, echo: true }],
];

describe("a begun answer in the wire format", () => {
  const bodyOf = (kind: string, options: ProviderSettings["options"], request: ChatRequest): unknown =>
    JSON.parse(chatOf(kind, { options }).encode(request, targetOf("m"), undefined).body ?? "");
  for (const [kind, options, wire] of wires)
    test(`${kind} ${JSON.stringify(options)}`, () => {
      expect(bodyOf(kind, options, begun)).toEqual(wire);
    });

  test("the client's own is sent as it stands", () => {
    const { continueFinal: _, ...own } = begun;
    for (const kind of ["mistral", "deepseek", "vllm"])
      expect(bodyOf(kind, {}, own)).toMatchObject({ messages: [user, assistant] });
    expect(JSON.stringify(bodyOf("mistral", {}, own))).not.toContain("prefix");
    expect(JSON.stringify(bodyOf("vllm", {}, own))).not.toContain("continue_final_message");
  });

  test("asks for it whatever the client said of the prompt", () => {
    const extra = { dialect: "openai", fields: { add_generation_prompt: true, echo: false } } as const;
    expect(bodyOf("vllm", {}, { ...begun, extra })).toMatchObject({ ...continued, echo: true });
  });
});

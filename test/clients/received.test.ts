import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type BackendName, type Backends, startBackends } from "./backends.ts";
import { anthropicTools, openaiTools, pixel, toolSchema } from "./tools.ts";

// One conversation in both dialects of clients, and what of it must reach each provider.
let backends: Backends;
beforeAll(async () => {
  backends = await startBackends();
});
afterAll(() => backends.stop());

const paris = { city: "Paris" };
const oslo = { city: "Oslo" };
const call = (id: string, name: string, input: object) => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(input) },
});

const openaiBody = {
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Look." },
        { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
      ],
    },
    {
      role: "assistant",
      content: "I look.",
      tool_calls: [call("call_a", "get_weather", paris), call("call_b", "get_time", oslo)],
    },
    { role: "tool", tool_call_id: "call_a", content: "12 degrees" },
    { role: "tool", tool_call_id: "call_b", content: "noon" },
  ],
  tools: openaiTools,
  max_completion_tokens: 50,
  temperature: 0.5,
  stop: ["END"],
};

const anthropicBody = {
  system: "Be brief.",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Look." },
        { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "text", text: "I look." },
        { type: "tool_use", id: "call_a", name: "get_weather", input: paris },
        { type: "tool_use", id: "call_b", name: "get_time", input: oslo },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "call_a", content: "12 degrees" },
        { type: "tool_result", tool_use_id: "call_b", content: "noon" },
      ],
    },
  ],
  tools: anthropicTools,
  max_tokens: 50,
  temperature: 0.5,
  stop_sequences: ["END"],
};

const functions = openaiTools.map((tool) => ({ ...tool, function: { ...tool.function, parameters: toolSchema } }));
/** A call whose arguments may be written with other blanks. */
const similarCall = (id: string, name: string, city: string) => ({
  id,
  type: "function",
  function: { name, arguments: expect.stringMatching(new RegExp(`^\\{\\s*"city":\\s*"${city}"\\s*\\}$`)) },
});
const openaiCalls = [similarCall("call_a", "get_weather", "Paris"), similarCall("call_b", "get_time", "Oslo")];
const text = (value: string) => expect.stringContaining(value);

interface Expected {
  /** Asked for in place of the backend's own. */
  readonly model?: string;
  readonly path: string;
  readonly body: object;
}

const expected: Readonly<Record<Exclude<BackendName, "mock">, Expected>> = {
  openai: {
    path: "/v1/chat/completions",
    body: {
      model: "gpt-4.1-mini",
      messages: [
        { role: expect.stringMatching(/^(system|developer)$/), content: expect.anything() },
        {
          role: "user",
          content: [
            { type: "text", text: "Look." },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
        { role: "assistant", content: expect.anything(), tool_calls: openaiCalls },
        { role: "tool", tool_call_id: "call_a", content: expect.anything() },
        { role: "tool", tool_call_id: "call_b", content: expect.anything() },
      ],
      tools: functions,
      max_completion_tokens: 50,
      temperature: 0.5,
      stop: ["END"],
    },
  },
  anthropic: {
    path: "/v1/messages",
    body: {
      model: "claude-sonnet-4-5",
      ...anthropicBody,
      system: expect.anything(),
      messages: [
        ...anthropicBody.messages.slice(0, 2),
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_a", content: expect.anything() },
            { type: "tool_result", tool_use_id: "call_b", content: expect.anything() },
          ],
        },
      ],
    },
  },
  gemini: {
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    body: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { role: "user", parts: [{ text: "Look." }, { inlineData: { mimeType: "image/png", data: pixel } }] },
        {
          role: "model",
          parts: [
            { text: "I look." },
            { functionCall: { name: "get_weather", args: paris } },
            { functionCall: { name: "get_time", args: oslo } },
          ],
        },
        {
          role: "user",
          parts: [
            { functionResponse: { name: "get_weather", response: expect.anything() } },
            { functionResponse: { name: "get_time", response: expect.anything() } },
          ],
        },
      ],
      tools: [{ functionDeclarations: [{ name: "get_weather" }, { name: "get_time" }] }],
      generationConfig: { maxOutputTokens: 50, temperature: 0.5, stopSequences: ["END"] },
    },
  },
  ollama: {
    path: "/api/chat",
    body: {
      model: "llama3.2",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Look.", images: [pixel] },
        {
          role: "assistant",
          content: "I look.",
          tool_calls: [
            { function: { name: "get_weather", arguments: paris } },
            { function: { name: "get_time", arguments: oslo } },
          ],
        },
        { role: "tool", content: "12 degrees", tool_name: "get_weather" },
        { role: "tool", content: "noon", tool_name: "get_time" },
      ],
      tools: functions,
      stream: false,
      options: { num_predict: 50, temperature: 0.5, stop: ["END"] },
    },
  },
  cohere: {
    // Of a model that nothing is known of, it is not known either that it takes no images or no tools.
    model: "cohere/command-next",
    path: "/v2/chat",
    body: {
      model: "command-next",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "Look." }, { type: "image_url" }] },
        { role: "assistant", tool_calls: openaiCalls },
        { role: "tool", tool_call_id: "call_a", content: text("12 degrees") },
        { role: "tool", tool_call_id: "call_b", content: text("noon") },
      ],
      tools: functions,
      max_tokens: 50,
      temperature: 0.5,
      stop_sequences: ["END"],
    },
  },
};

const clients = [
  ["OpenAI's", "/v1/chat/completions", openaiBody],
  ["Anthropic's", "/v1/messages", anthropicBody],
] as const;

describe("what reaches the provider", () => {
  for (const [client, path, body] of clients)
    test.each(Object.keys(expected) as (keyof typeof expected)[])(
      `from a client of ${client} dialect: %s`,
      async (name) => {
        const response = await fetch(`${backends.gateway.url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: expected[name].model ?? backends.of(name).model, ...body }),
        });
        const answer = await response.text();
        expect(response.status, answer).toBe(200);
        const received = backends.upstream(name).last();
        expect(received.path).toBe(expected[name].path);
        expect(received.body).toMatchObject(expected[name].body);
        expect(answer).toContain("The tools said: 12 degrees; noon.");
      },
    );
});

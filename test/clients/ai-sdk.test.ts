import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { scriptedObject, scriptedUsage } from "../support/upstream-script.ts";
import { type BackendName, type Backends, backendNames, startBackends } from "./backends.ts";
import { type CheckedFetch, openCheckedFetch } from "./checked-fetch.ts";
import { failureOf } from "./failure-of.ts";
import { objectSchema, pixel, runTool, toolDescriptions, toolSchema } from "./tools.ts";

let backends: Backends;
let checked: CheckedFetch;
let provider: ReturnType<typeof createOpenAI>;

beforeAll(async () => {
  backends = await startBackends();
});
afterAll(() => backends.stop());
beforeEach(() => {
  checked = openCheckedFetch();
  provider = createOpenAI({ baseURL: `${backends.gateway.url}/v1`, apiKey: "unused", fetch: checked.fetch });
});
afterEach(async () => {
  expect(await checked.problems()).toEqual([]);
  expect(checked.count).toBeGreaterThan(0);
});

const prompt = "How are you?";
const answerOf = (name: BackendName): string => (name === "mock" ? prompt : `You said: ${prompt}`);

const toolOf = (name: keyof typeof toolDescriptions) =>
  tool({
    description: toolDescriptions[name],
    inputSchema: jsonSchema<{ city: string }>({ ...toolSchema, type: "object" } as never),
    execute: async (input) => runTool(name, input),
  });
const tools = () => ({ get_weather: toolOf("get_weather"), get_time: toolOf("get_time") });

describe.each([...backendNames])("AI SDK, %s behind", (name) => {
  const calls = name === "mock" ? 1 : 2;

  test("generateText", async () => {
    const { text, usage, finishReason } = await generateText({
      model: provider.chat(backends.of(name).model),
      system: "Answer shortly.",
      prompt,
      maxRetries: 0,
    });
    expect(text).toBe(answerOf(name));
    expect(finishReason).toBe("stop");
    if (name !== "mock") expect(usage.outputTokens).toBe(scriptedUsage.outputTokens);
  });

  test("streamText", async () => {
    const result = streamText({ model: provider.chat(backends.of(name).model), prompt, maxRetries: 0 });
    let text = "";
    for await (const piece of result.textStream) text += piece;
    expect(text).toBe(answerOf(name));
    expect(await result.finishReason).toBe("stop");
    // It always asks for usage.
    const usage = await result.usage;
    expect(usage.outputTokens).toBeGreaterThan(0);
    if (name !== "mock") expect(usage.outputTokens).toBe(scriptedUsage.outputTokens);
  });

  test("tools over two steps, whole", async () => {
    const { steps, text } = await generateText({
      model: provider.chat(backends.of(name).toolModel),
      prompt: "Weather and time?",
      tools: tools(),
      stopWhen: stepCountIs(2),
      maxRetries: 0,
    });
    expect(steps).toHaveLength(2);
    expect(steps[0]?.toolCalls).toHaveLength(calls);
    expect(steps[0]?.finishReason).toBe("tool-calls");
    expect(text).toContain("degrees in");
  });

  test("tools over two steps, streamed", async () => {
    const result = streamText({
      model: provider.chat(backends.of(name).toolModel),
      prompt: "Weather and time?",
      tools: tools(),
      stopWhen: stepCountIs(2),
      maxRetries: 0,
    });
    await result.consumeStream();
    const steps = await result.steps;
    expect(steps[0]?.toolCalls).toHaveLength(calls);
    expect(await result.text).toContain("degrees in");
  });

  test("generateObject", async () => {
    const { object } = await generateObject({
      model: provider.chat(backends.of(name).jsonModel),
      schema: jsonSchema<{ city: string; degrees: number }>(objectSchema as never),
      prompt: "Weather?",
      maxRetries: 0,
    });
    if (name === "mock") expect(Object.keys(object).toSorted()).toEqual(["city", "degrees"]);
    else expect(object).toEqual(scriptedObject);
  });

  test("an image in a message", async () => {
    const { text } = await generateText({
      model: provider.chat(backends.of(name).imageModel),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", image: pixel, mediaType: "image/png" },
          ],
        },
      ],
      maxRetries: 0,
    });
    expect(text).toBe(name === "mock" ? "What is this?" : "Images: 1.");
  });
});

describe("errors of the AI SDK", () => {
  test.each([
    ["an unknown model", "mock-ecko", 404, false],
    ["a provider that is over its limits", "anthropic/refuse-429", 429, true],
    ["a provider's refusal of its key", "gemini/refuse-401", 502, true],
  ] as const)("%s", async (_, model, statusCode, isRetryable) => {
    const error = await failureOf(generateText({ model: provider.chat(model), prompt, maxRetries: 0 }));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode, isRetryable });
  });

  test("a stream that was cut", async () => {
    const parts: string[] = [];
    const result = streamText({
      model: provider.chat("ollama/cut"),
      prompt,
      maxRetries: 0,
      onError: () => undefined,
    });
    for await (const part of result.fullStream) parts.push(part.type);
    expect(parts).toContain("error");
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { scriptedUsage } from "../support/upstream-script.ts";
import { type BackendName, type Backends, backendNames, startBackends, upstreamKey } from "./backends.ts";
import { type CheckedFetch, openCheckedFetch } from "./checked-fetch.ts";
import { failureOf } from "./failure-of.ts";
import { anthropicTools, pixel, runTool, toolNames } from "./tools.ts";

let backends: Backends;
let checked: CheckedFetch;
let client: Anthropic;

const open = (baseURL: string, apiKey: string): Anthropic =>
  new Anthropic({ baseURL, apiKey, maxRetries: 0, fetch: checked.fetch });

beforeAll(async () => {
  backends = await startBackends();
});
afterAll(() => backends.stop());
beforeEach(() => {
  checked = openCheckedFetch();
  client = open(backends.gateway.url, "unused");
});
afterEach(async () => {
  expect(await checked.problems()).toEqual([]);
  expect(checked.count).toBeGreaterThan(0);
});

const question = {
  max_tokens: 100,
  system: "Answer shortly.",
  messages: [{ role: "user" as const, content: "How are you?" }],
};
const answerOf = (name: BackendName): string => (name === "mock" ? "How are you?" : "You said: How are you?");

const textOf = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === "text" ? block.text : "")).join("");
const callsOf = ({ content }: Anthropic.Message): Anthropic.ToolUseBlock[] =>
  content.filter((block) => block.type === "tool_use");

const toolRequest = (name: BackendName) => ({
  model: backends.of(name).toolModel,
  max_tokens: 100,
  tools: anthropicTools,
  messages: [{ role: "user" as const, content: "Weather and time?" }],
});

/** The mock calls all its tools only where that was asked for in OpenAI's dialect. */
const calledNames = (name: BackendName): readonly string[] => (name === "mock" ? toolNames.slice(0, 1) : toolNames);

const resultsOf = (calls: readonly Anthropic.ToolUseBlock[]): Anthropic.ToolResultBlockParam[] =>
  calls.map(({ id, name, input }) => ({ type: "tool_result", tool_use_id: id, content: runTool(name, input) }));

describe.each([...backendNames])("Anthropic's client for JavaScript, %s behind", (name) => {
  test("a whole message", async () => {
    const message = await client.messages.create({ model: backends.of(name).model, ...question });
    expect(textOf(message)).toBe(answerOf(name));
    expect(message.stop_reason).toBe("end_turn");
    if (name !== "mock")
      expect(message.usage).toMatchObject({
        input_tokens: scriptedUsage.inputTokens,
        output_tokens: scriptedUsage.outputTokens,
      });
    if (name !== "mock") expect(JSON.stringify(backends.upstream(name).last().body)).toContain("Answer shortly.");
  });

  test("events of a stream", async () => {
    const stream = await client.messages.create({ model: backends.of(name).model, ...question, stream: true });
    let text = "";
    let output: number | undefined;
    for await (const event of stream) {
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
      if (event.type === "message_delta") output = event.usage.output_tokens;
    }
    expect(text).toBe(answerOf(name));
    expect(output).toBeGreaterThan(0);
    if (name !== "mock") expect(output).toBe(scriptedUsage.outputTokens);
  });

  test("the streaming helper", async () => {
    const pieces: string[] = [];
    const stream = client.messages.stream({ model: backends.of(name).model, ...question });
    stream.on("text", (piece) => pieces.push(piece));
    const message = await stream.finalMessage();
    expect(pieces.join("")).toBe(answerOf(name));
    expect(textOf(message)).toBe(answerOf(name));
    expect(message.stop_reason).toBe("end_turn");
  });

  test("parallel tools, whole, and their results", async () => {
    const request = toolRequest(name);
    const first = await client.messages.create(request);
    expect(first.stop_reason).toBe("tool_use");
    const calls = callsOf(first);
    expect(calls.map((call) => call.name)).toEqual([...calledNames(name)]);
    const results = resultsOf(calls);
    const second = await client.messages.create({
      ...request,
      messages: [
        ...request.messages,
        { role: "assistant", content: first.content },
        { role: "user", content: results },
      ],
    });
    expect(second.stop_reason).toBe("end_turn");
    for (const { content } of results) expect(textOf(second)).toContain(String(content));
  });

  test("parallel tools, streamed, and their results", async () => {
    const request = toolRequest(name);
    const first = await client.messages.stream(request).finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    const calls = callsOf(first);
    expect(calls.map((call) => call.name)).toEqual([...calledNames(name)]);
    const results = resultsOf(calls);
    const second = await client.messages
      .stream({
        ...request,
        messages: [
          ...request.messages,
          { role: "assistant", content: first.content },
          { role: "user", content: results },
        ],
      })
      .finalMessage();
    for (const { content } of results) expect(textOf(second)).toContain(String(content));
  });

  test("a tool that must be called", async () => {
    const request = client.messages.create({
      ...toolRequest(name),
      tools: anthropicTools.slice(0, 1),
      tool_choice: { type: "tool", name: "get_weather" },
    });
    // Ollama has no such choice: what cannot be carried is refused, and named.
    if (name === "ollama")
      return expect(await failureOf(request)).toMatchObject({
        status: 400,
        error: { error: { param: "tool_choice" } },
      });
    expect(callsOf(await request)[0]?.name).toBe("get_weather");
  });

  test("an image in a message", async () => {
    const message = await client.messages.create({
      model: backends.of(name).imageModel,
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
          ],
        },
      ],
    });
    expect(textOf(message)).toBe(name === "mock" ? "What is this?" : "Images: 1.");
    if (name !== "mock") expect(JSON.stringify(backends.upstream(name).last().body)).toContain(pixel);
  });

  test("a count of tokens, without asking the provider", async () => {
    const before = name === "mock" ? 0 : backends.upstream(name).received().length;
    const { max_tokens: _, ...countable } = question;
    const count = await client.messages.countTokens({ model: backends.of(name).model, ...countable });
    expect(count.input_tokens).toBeGreaterThan(4);
    if (name !== "mock") expect(backends.upstream(name).received()).toHaveLength(before);
  });

  test("what the provider once sent, streamed", async () => {
    if (name === "mock") return expect((await client.models.list()).data.length).toBeGreaterThan(0);
    const message = await client.messages.stream({ model: `${name}/recorded`, ...question }).finalMessage();
    expect(callsOf(message).length).toBeGreaterThan(0);
    expect(message.stop_reason).toBe("tool_use");
  });
});

describe("errors of Anthropic's client", () => {
  const providers = backendNames.filter((name) => name !== "mock");
  const ask = (model: string, extra: object = {}) =>
    failureOf(client.messages.create({ model, ...question, ...extra }));

  test("404 names what is near", async () => {
    const error = await ask("mock-ecko");
    expect(error).toBeInstanceOf(NotFoundError);
    expect(String(error)).toContain("mock-echo");
    expect(error).toMatchObject({ error: { error: { type: "not_found_error" } } });
  });

  test("400 names the field", async () => {
    const error = await ask("mock/mock-echo", { temperature: 7 });
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ error: { error: { type: "invalid_request_error", param: "temperature" } } });
  });

  test.each(providers)("429 of %s keeps its status and when to ask again", async (name) => {
    const error = await ask(`${name}/refuse-429`);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(Number((error as RateLimitError).headers?.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });

  test.each(providers)("401 of %s is the gateway's own failure, and shows no secret", async (name) => {
    const error = await ask(`${name}/refuse-401`);
    expect(error).toMatchObject({ status: 502, error: { error: { type: "api_error" } } });
    expect(String(error)).not.toContain("secret");
    expect(String(error)).not.toContain(upstreamKey);
  });

  test.each(providers)("a stream of %s that was cut ends with an error", async (name) => {
    const stream = client.messages.stream({ model: `${name}/cut`, ...question });
    const error = await failureOf(stream.finalMessage());
    expect(error).toBeInstanceOf(APIError);
    expect(String(error)).toMatch(/cut|ended before/);
  });

  test("401 where keys exist, and a key in Anthropic's own header", async () => {
    const { url, localToken } = backends.gateway;
    const made = await fetch(`${url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer local-${localToken}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "somebody" }),
    });
    const { key } = (await made.json()) as { key: string };
    const request = { model: "mock/mock-echo", ...question };
    const error = await failureOf(open(url, "wrong").messages.create(request));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(textOf(await open(url, key).messages.create(request))).toBe("How are you?");
  });
});

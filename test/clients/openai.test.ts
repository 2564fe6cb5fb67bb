import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from "openai";
import { scriptedObject, scriptedUsage, scriptedVector } from "../support/upstream-script.ts";
import { type BackendName, type Backends, backendNames, startBackends, upstreamKey } from "./backends.ts";
import { type CheckedFetch, openCheckedFetch } from "./checked-fetch.ts";
import { failureOf } from "./failure-of.ts";
import { objectSchema, openaiTools, pixel, runTool, toolNames } from "./tools.ts";

type Messages = OpenAI.Chat.ChatCompletionMessageParam[];

let backends: Backends;
let checked: CheckedFetch;
let client: OpenAI;

const clientOptions = () => ({ baseURL: `${backends.gateway.url}/v1`, apiKey: "unused", maxRetries: 0 });

beforeAll(async () => {
  backends = await startBackends();
});
afterAll(() => backends.stop());
beforeEach(() => {
  checked = openCheckedFetch();
  client = new OpenAI({ ...clientOptions(), fetch: checked.fetch });
});
afterEach(async () => {
  expect(await checked.problems()).toEqual([]);
  expect(checked.count).toBeGreaterThan(0);
});

const question: Messages = [
  { role: "system", content: "Answer shortly." },
  { role: "user", content: "How are you?" },
];

/** What the fake providers, or the mock's echo, say to the question. */
const answerOf = (name: BackendName): string => (name === "mock" ? "How are you?" : "You said: How are you?");

/** Reads a stream to its end, as a program would that puts the calls together itself. */
const collect = async (stream: AsyncIterable<OpenAI.Chat.ChatCompletionChunk>) => {
  let text = "";
  const calls: { id: string; name: string; arguments: string }[] = [];
  const usages: OpenAI.CompletionUsage[] = [];
  let finish: string | null = null;
  for await (const { choices, usage } of stream) {
    if (usage) usages.push(usage);
    for (const { delta, finish_reason: reason } of choices) {
      text += delta.content ?? "";
      finish = reason ?? finish;
      for (const { index, id, function: said } of delta.tool_calls ?? []) {
        calls[index] ??= { id: "", name: "", arguments: "" };
        calls[index].id += id ?? "";
        calls[index].name += said?.name ?? "";
        calls[index].arguments += said?.arguments ?? "";
      }
    }
  }
  return { text, calls, usages, finish };
};

const toolRequest = (name: BackendName): OpenAI.Chat.ChatCompletionCreateParamsNonStreaming => ({
  model: backends.of(name).toolModel,
  messages: [{ role: "user", content: "Weather and time?" }],
  tools: openaiTools,
  parallel_tool_calls: true,
});

/** The names and the arguments of parallel calls, whoever made them; ids must be there and distinct. */
const expectCalls = (calls: readonly { id: string; name: string; arguments: string }[]): void => {
  expect(calls.map((call) => call.name)).toEqual([...toolNames]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  expect(calls.every(({ id }) => id !== "")).toBe(true);
  for (const call of calls) expect(JSON.parse(call.arguments)).toHaveProperty("city");
};

const resultsOf = (calls: readonly { id: string; name: string; arguments: string }[]): Messages =>
  calls.map(({ id, name, arguments: args }) => ({
    role: "tool",
    tool_call_id: id,
    content: runTool(name, JSON.parse(args)),
  }));

describe.each([...backendNames])("OpenAI's client for JavaScript, %s behind", (name) => {
  test("a whole answer", async () => {
    const { data, response } = await client.chat.completions
      .create({ model: backends.of(name).model, messages: question, max_tokens: 100, temperature: 0.5 })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(answerOf(name));
    expect(data.choices[0]?.finish_reason).toBe("stop");
    expect(data.usage?.prompt_tokens).toBeGreaterThan(0);
    if (name !== "mock")
      expect(data.usage).toMatchObject({
        prompt_tokens: scriptedUsage.inputTokens,
        completion_tokens: scriptedUsage.outputTokens,
      });
    expect(response.headers.get("x-intellirouter-provider")).toBe(name);
    expect(response.headers.get("x-intellirouter-attempts")).toBe("1");
    if (name !== "mock") expect(JSON.stringify(backends.upstream(name).last().headers)).toContain(upstreamKey);
  });

  test("a stream, and usage only when it was asked for", async () => {
    const { model } = backends.of(name);
    const plain = await collect(await client.chat.completions.create({ model, messages: question, stream: true }));
    expect(plain).toMatchObject({ text: answerOf(name), finish: "stop", usages: [] });
    const counted = await collect(
      await client.chat.completions.create({
        model,
        messages: question,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    expect(counted).toMatchObject({ text: answerOf(name), finish: "stop" });
    expect(counted.usages).toHaveLength(1);
    if (name !== "mock") expect(counted.usages[0]?.completion_tokens).toBe(scriptedUsage.outputTokens);
    if (name === "openai")
      for (const { body } of backends.upstream(name).received().slice(-2))
        expect(body.stream_options).toEqual({ include_usage: true });
  });

  test("parallel tools, whole, and their results", async () => {
    const request = toolRequest(name);
    const first = await client.chat.completions.create(request);
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    const calls = (message?.tool_calls ?? []).flatMap((call) =>
      call.type === "function" ? [{ id: call.id, ...call.function }] : [],
    );
    expectCalls(calls);
    if (message === undefined) throw new Error("no message");
    const results = resultsOf(calls);
    const second = await client.chat.completions.create({
      ...request,
      messages: [...request.messages, message, ...results],
    });
    expect(second.choices[0]?.finish_reason).toBe("stop");
    for (const { content } of name === "mock" ? results.slice(-1) : results)
      expect(second.choices[0]?.message.content).toContain(String(content));
  });

  test("parallel tools, streamed, and their results", async () => {
    const request = toolRequest(name);
    const first = await collect(await client.chat.completions.create({ ...request, stream: true }));
    expect(first.finish).toBe("tool_calls");
    expectCalls(first.calls);
    const message: Messages[number] = {
      role: "assistant",
      tool_calls: first.calls.map(({ id, ...said }) => ({ id, type: "function", function: said })),
    };
    const results = resultsOf(first.calls);
    const second = await collect(
      await client.chat.completions.create({
        ...request,
        stream: true,
        messages: [...request.messages, message, ...results],
      }),
    );
    expect(second.finish).toBe("stop");
    for (const { content } of name === "mock" ? results.slice(-1) : results)
      expect(second.text).toContain(String(content));
  });

  test("the streaming helper puts the calls together", async () => {
    const stream = client.chat.completions.stream({ ...toolRequest(name), stream: true });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]?.message.tool_calls).toHaveLength(2);
  });

  test("an answer of a schema", async () => {
    const completion = await client.chat.completions.parse({
      model: backends.of(name).jsonModel,
      messages: [{ role: "user", content: "Weather?" }],
      response_format: { type: "json_schema", json_schema: { name: "weather", schema: objectSchema, strict: true } },
    });
    const parsed: unknown = JSON.parse(completion.choices[0]?.message.content ?? "");
    if (name === "mock") expect(Object.keys(parsed as object).toSorted()).toEqual(["city", "degrees"]);
    else expect(parsed).toEqual(scriptedObject);
  });

  test("an image in a message", async () => {
    const completion = await client.chat.completions.create({
      model: backends.of(name).imageModel,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } },
          ],
        },
      ],
    });
    expect(completion.choices[0]?.message.content).toBe(name === "mock" ? "What is this?" : "Images: 1.");
    if (name !== "mock") expect(JSON.stringify(backends.upstream(name).last().body)).toContain(pixel);
  });

  test("embeddings, as numbers and as base64", async () => {
    const { embeddingModel } = backends.of(name);
    if (embeddingModel === null) {
      const model = backends.of(name).model;
      expect(await failureOf(client.embeddings.create({ model, input: "one" }))).toBeInstanceOf(BadRequestError);
      return;
    }
    const input = ["one", "two"];
    // Without a format the client asks for base64 and decodes it.
    const decoded = await client.embeddings.create({ model: embeddingModel, input });
    const floats = await client.embeddings.create({ model: embeddingModel, input, encoding_format: "float" });
    const base64 = await client.embeddings.create({ model: embeddingModel, input, encoding_format: "base64" });
    expect(floats.data.map(({ index }) => index)).toEqual([0, 1]);
    const vector = floats.data[0]?.embedding ?? [];
    if (name !== "mock") expect(vector).toEqual([...scriptedVector]);
    const rounded = [...new Float32Array(vector)];
    expect(decoded.data[0]?.embedding).toEqual(rounded);
    const raw = Buffer.from(String(base64.data[0]?.embedding), "base64");
    expect([...new Float32Array(new Uint8Array(raw).buffer)]).toEqual(rounded);
  });

  test("what the provider once sent, whole and streamed", async () => {
    if (name === "mock") {
      const models = await client.models.list();
      expect(models.data.map(({ id }) => id)).toContain("mock/mock-echo");
      expect((await client.models.retrieve("mock/mock-echo")).id).toBe("mock/mock-echo");
      return;
    }
    const request = { model: `${name}/recorded`, messages: question };
    const whole = await client.chat.completions.create(request);
    expect(whole.choices.length).toBeGreaterThan(0);
    const streamed = await collect(await client.chat.completions.create({ ...request, stream: true }));
    expect(streamed.calls.length).toBeGreaterThan(0);
    expect(streamed.finish).toBe("tool_calls");
    for (const call of streamed.calls) expect(() => JSON.parse(call.arguments)).not.toThrow();
  });
});

describe("what only the mock serves", () => {
  const model = "mock/mock-llama";

  test("text completions, whole and streamed", async () => {
    const whole = await client.completions.create({ model, prompt: "Once upon a time", max_tokens: 20, n: 2 });
    expect(whole.choices).toHaveLength(2);
    let text = "";
    const request = { model, prompt: "Once upon a time", max_tokens: 20, stream: true } as const;
    for await (const { choices } of await client.completions.create(request)) text += choices[0]?.text ?? "";
    expect(text).toBe(whole.choices[0]?.text ?? "");
  });

  test("several choices, whole and streamed", async () => {
    const whole = await client.chat.completions.create({ model, messages: question, n: 3 });
    expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    const streamed = await client.chat.completions.stream({ model, messages: question, n: 3 }).finalChatCompletion();
    expect(streamed.choices.map(({ message }) => message.content)).toEqual(
      whole.choices.map(({ message }) => message.content),
    );
  });

  test("the limit on tokens ends an answer", async () => {
    const { choices } = await client.chat.completions.create({ model, messages: question, max_completion_tokens: 3 });
    expect(choices[0]?.finish_reason).toBe("length");
  });

  test("a stream that the client ends goes no further", async () => {
    const stream = await client.chat.completions.create({ model, messages: question, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    expect(stream.controller.signal.aborted).toBe(true);
    expect((await client.chat.completions.create({ model, messages: question })).choices).toHaveLength(1);
    // The copy that is checked was cut with it.
    checked = openCheckedFetch();
    const again = new OpenAI({ ...clientOptions(), fetch: checked.fetch });
    expect((await again.models.list()).data.length).toBeGreaterThan(0);
  });
});

describe("errors of OpenAI's client", () => {
  const providers = backendNames.filter((name) => name !== "mock");
  const ask = (model: string, extra: object = {}) =>
    failureOf(client.chat.completions.create({ model, messages: question, ...extra }));

  test("404 names what is near", async () => {
    const error = await ask("mock-ecko");
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    expect(String(error)).toContain("mock-echo");
  });

  test("400 names the field", async () => {
    const error = await ask("mock/mock-echo", { temperature: 7 });
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, param: "temperature", type: "invalid_request_error" });
  });

  test.each(providers)(
    "429 of %s keeps its status and when to ask again",
    async (name) => {
      const error = await ask(`${name}/refuse-429`);
      expect(error).toBeInstanceOf(RateLimitError);
      const headers = (error as RateLimitError).headers as Headers;
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    },
    20_000,
  );

  test.each(providers)("401 of %s is the gateway's own failure, and shows no secret", async (name) => {
    const error = await ask(`${name}/refuse-401`);
    expect(error).toMatchObject({ status: 502, code: "upstream_authentication" });
    expect(String(error)).not.toContain("secret");
    expect(String(error)).not.toContain(upstreamKey);
  });

  test.each(providers)("400 of %s is the client's", async (name) => {
    expect(await ask(`${name}/refuse-400`)).toBeInstanceOf(BadRequestError);
  });

  test.each(providers)("a stream of %s that was cut ends with an error", async (name) => {
    const stream = await client.chat.completions.create({ model: `${name}/cut`, messages: question, stream: true });
    expect(String(await failureOf(collect(stream)))).toMatch(/cut|ended before/);
  });

  test("401 where keys exist", async () => {
    const guarded = await startBackends();
    try {
      const { url, localToken } = guarded.gateway;
      await fetch(`${url}/admin/v1/keys`, {
        method: "POST",
        headers: { authorization: `Bearer local-${localToken}`, "content-type": "application/json" },
        body: JSON.stringify({ name: "somebody" }),
      });
      const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: "wrong", maxRetries: 0, fetch: checked.fetch });
      const create = stranger.chat.completions.create({ model: "mock/mock-echo", messages: question });
      const error = await failureOf(create);
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ status: 401, code: "invalid_api_key" });
    } finally {
      await guarded.stop();
    }
  });
});

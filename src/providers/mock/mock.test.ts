import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import { openFrames } from "../../core/frames.ts";
import { type JsonObject, parseJson } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Chunk } from "../../core/reply.ts";
import { mock } from "./module.ts";
import { durationOf, steered } from "./pacing.ts";

const provider = mock.create({ name: "mock", kind: "mock", apiKeys: [], headers: {}, options: {} });
const { chat, embeddings, textCompletion, transport, models } = provider;
if (!chat || !embeddings || !textCompletion || !transport || !models) throw new Error("the mock serves everything");

const target = (model: string): Target => ({ id: `mock/${model}`, provider: "mock", kind: "mock", model, facts: {} });
const never = new AbortController().signal;

const ask = (fields: Partial<ChatRequest> & { mock?: JsonObject } = {}): ChatRequest => {
  const { mock: steering, ...rest } = fields;
  return {
    model: "any",
    messages: [{ role: "user", content: [{ type: "text", text: "one two three four" }] }],
    stream: false,
    includeUsage: false,
    ...rest,
    ...(steering === undefined ? {} : { extra: { dialect: "openai", fields: { mock: steering } } }),
  };
};

const bodyText = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const bytes of body) pieces.push(bytes);
  return Buffer.concat(pieces).toString("utf8");
};

const whole = async (model: string, request: ChatRequest) => {
  const response = await transport.send(chat.encode(request, target(model), undefined), never);
  const body = parseJson(await bodyText(response.body));
  if (response.status !== 200) throw chat.decodeError(response.status, body, target(model));
  return chat.decode(body, request);
};

const streamed = async (model: string, request: ChatRequest, signal = never): Promise<readonly Chunk[]> => {
  const streaming = { ...request, stream: true };
  const response = await transport.send(chat.encode(streaming, target(model), undefined), signal);
  const decoder = chat.openStream?.(streaming);
  if (decoder === undefined) throw new Error("chats are streamed");
  const splitter = openFrames("sse", { maxCharacters: 1_000_000 });
  const chunks: Chunk[] = [];
  for await (const bytes of response.body)
    for (const frame of splitter.push(bytes)) chunks.push(...decoder.push(frame));
  return [...chunks, ...decoder.end()];
};

const textOf = (chunks: readonly Chunk[], choice = 0): string =>
  chunks.flatMap((chunk) => (chunk.type === "text" && chunk.choice === choice ? [chunk.text] : [])).join("");

describe("the mock's chat", () => {
  test("echoes the last words of the user, with a consistent usage", async () => {
    const { choices, usage, model } = await whole("mock-echo", ask());
    expect(model).toBe("mock-echo");
    expect(choices).toEqual([
      { index: 0, content: [{ type: "text", text: "one two three four" }], finishReason: "stop" },
    ]);
    expect(usage).toEqual({ inputTokens: 8, outputTokens: 4 });
  });

  for (const model of ["mock-echo", "mock-llama", "mock-json"])
    test(`${model} says the same whole and streamed, each time`, async () => {
      const request = ask({ n: 2, seed: 5 });
      const { choices, usage } = await whole(model, request);
      const chunks = await streamed(model, request);
      for (const { index, content, finishReason } of choices) {
        expect(content).toEqual([{ type: "text", text: textOf(chunks, index) }]);
        expect(chunks).toContainEqual({ type: "finish", choice: index, reason: finishReason });
      }
      expect(chunks.at(-1)).toEqual({ type: "usage", usage: usage ?? { inputTokens: 0, outputTokens: 0 } });
      expect(await streamed(model, request)).toEqual(chunks);
    });

  test("depends on prompt, seed and choice", async () => {
    const texts = await Promise.all([
      whole("mock-llama", ask({ n: 2 })),
      whole("mock-llama", ask({ seed: 9 })),
      whole("mock-llama", ask({ messages: [{ role: "user", content: [{ type: "text", text: "other" }] }] })),
    ]);
    const all = texts.flatMap(({ choices }) => choices.map(({ content }) => JSON.stringify(content)));
    expect(new Set(all).size).toBe(4);
  });

  test("stops at stop sequences and limits", async () => {
    const stopped = await whole("mock-echo", ask({ stop: ["three", "two"] }));
    expect(stopped.choices[0]).toMatchObject({ content: [{ text: "one " }], finishReason: "stop" });
    const limited = await whole("mock-echo", ask({ maxOutputTokens: 2 }));
    expect(limited.choices[0]).toMatchObject({ content: [{ text: "one two" }], finishReason: "length" });
    expect(limited.usage?.outputTokens).toBe(2);
  });

  test("makes as many words as it is asked for", async () => {
    const { choices } = await whole("mock-llama", ask({ mock: { words: 7 } }));
    const [part] = choices[0]?.content ?? [];
    expect(part?.type === "text" && part.text.split(" ").length).toBe(7);
  });
});

const weather = {
  type: "function",
  name: "weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
} as const;
const clock = { type: "function", name: "clock" } as const;

describe("the mock's tools", () => {
  const names = async (model: string, request: ChatRequest): Promise<readonly string[]> =>
    (await whole(model, request)).choices.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === "toolCall" ? [`${part.name} ${part.arguments}`] : [])),
    );
  const call = 'weather {"city":"example"}';
  const tools = [weather, clock];
  const rows: readonly (readonly [string, string, Partial<ChatRequest>, readonly string[]])[] = [
    ["the first", "mock-tools", { tools }, [call]],
    ["all, in parallel", "mock-tools", { tools, parallelToolCalls: true }, [call, "clock {}"]],
    ["none where none is wanted", "mock-tools", { tools, toolChoice: { kind: "none" } }, []],
    ["none by other models", "mock-echo", { tools }, []],
    ["one by any model where it must", "mock-echo", { tools, toolChoice: { kind: "required" } }, [call]],
    [
      "the named one by any model",
      "mock-llama",
      { tools, toolChoice: { kind: "function", name: "clock" } },
      ["clock {}"],
    ],
  ];
  for (const [name, model, fields, calls] of rows)
    test(`calls ${name}`, async () => expect(await names(model, ask(fields))).toEqual([...calls]));

  test("are streamed as they are whole, and answered in words once there are results", async () => {
    const request = ask({ tools, parallelToolCalls: true });
    const { choices } = await whole("mock-tools", request);
    expect(choices[0]?.finishReason).toBe("toolCalls");
    const content = choices[0]?.content ?? [];
    const chunks = (await streamed("mock-tools", request)).filter((chunk) => chunk.type === "toolCall");
    for (const [toolIndex, part] of content.entries()) {
      const own = chunks.filter((chunk) => chunk.toolIndex === toolIndex);
      expect<unknown>(part).toEqual({
        type: "toolCall",
        id: own[0]?.id,
        name: own[0]?.name,
        arguments: own.map((chunk) => chunk.arguments).join(""),
      });
    }
    const results = content.flatMap((part) =>
      part.type === "toolCall"
        ? [{ role: "tool" as const, toolCallId: part.id, content: [{ type: "text" as const, text: "sunny" }] }]
        : [],
    );
    const next = ask({ tools, messages: [...request.messages, { role: "assistant", content }, ...results] });
    expect((await whole("mock-tools", next)).choices[0]).toMatchObject({
      content: [{ type: "text", text: "The tool answered: sunny" }],
      finishReason: "stop",
    });
  });
});

describe("the mock's other operations", () => {
  const embed = async (input: readonly string[], dimensions?: number) => {
    const request = { model: "any", input, encodingFormat: "float", ...(dimensions ? { dimensions } : {}) } as const;
    const response = await transport.send(embeddings.encode(request, target("mock-embed"), undefined), never);
    return embeddings.decode(parseJson(await bodyText(response.body)), request);
  };
  const dot = (left: readonly number[] = [], right: readonly number[] = []) =>
    left.reduce((sum, value, place) => sum + value * (right[place] ?? 0), 0);

  test("embeddings are unit vectors, the closer the more words are shared", async () => {
    const { vectors, usage } = await embed(["the red llama", "the red house", "quite another thing", "The red  llama"]);
    for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 9);
    expect(dot(vectors[0], vectors[3])).toBeCloseTo(1, 9);
    expect(dot(vectors[0], vectors[1])).toBeGreaterThan(dot(vectors[0], vectors[2]) + 0.2);
    expect(usage).toEqual({ inputTokens: 12, outputTokens: 0 });
    expect((await embed(["x"], 3)).vectors[0]?.length).toBe(3);
  });

  test("embeddings come as base64 too", async () => {
    const body = JSON.stringify({ model: "mock-embed", input: [1, 2], dimensions: 2, encoding_format: "base64" });
    const url = "http://mock.invalid/v1/embeddings";
    const response = await transport.send({ method: "POST", url, headers: {}, body }, never);
    const request = { model: "any", input: [[1, 2]], encodingFormat: "base64" } as const;
    const [vector] = embeddings.decode(parseJson(await bodyText(response.body)), request).vectors;
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
  });

  test("text completions, for each prompt", async () => {
    const request = { model: "any", prompt: ["a b", "c"], maxOutputTokens: 1, stream: false, includeUsage: false };
    const response = await transport.send(textCompletion.encode(request, target("mock-echo"), undefined), never);
    expect(textCompletion.decode(parseJson(await bodyText(response.body)), request)).toMatchObject({
      choices: [
        { index: 0, text: "a", finishReason: "length" },
        { index: 1, text: "c", finishReason: "stop" },
      ],
      usage: { inputTokens: 3, outputTokens: 2 },
    });
  });

  test("the list of models", async () => {
    const response = await transport.send(models.encode(), never);
    const listed = models.decode(parseJson(await bodyText(response.body)));
    expect(listed.map(({ id }) => id)).toEqual(["mock-echo", "mock-llama", "mock-tools", "mock-json", "mock-embed"]);
    expect(listed.at(-1)?.facts).toMatchObject({ embeddings: true, price: { input: 0, output: 0 } });
  });
});

describe("the mock's failures", () => {
  const rows: readonly (readonly [string, string, JsonObject, string])[] = [
    ["a model that is not there", "mock-none", {}, "model_not_found"],
    ["chat with the model for embeddings", "mock-embed", {}, "model_not_found"],
    ["a status", "mock-echo", { fail: { status: 503 } }, "upstream_overloaded"],
    ["a code", "mock-echo", { fail: { status: 429, code: "insufficient_quota" } }, "insufficient_quota"],
    ["a steering that is not understood", "mock-echo", { colour: "red" }, "upstream_rejected_request"],
  ];
  for (const [name, model, mockField, code] of rows)
    test(name, () => expect(whole(model, ask({ mock: mockField }))).rejects.toMatchObject({ code }));

  test("within a stream", () => {
    const request = ask({ mock: { fail: { status: 500, afterChunks: 2 } } });
    return expect(streamed("mock-echo", request)).rejects.toMatchObject({ code: "upstream_error" });
  });

  test("an option that is not known", () => {
    const settings = { name: "m", kind: "mock", apiKeys: [], headers: {}, options: { colour: "red" } };
    expect(() => mock.create(settings)).toThrow(expect.objectContaining({ code: "invalid_value" }));
  });
});

describe("whatever body the mock gets", () => {
  const model = '"model":"mock-tools"';
  const rows: readonly (readonly [string, string, number])[] = [
    ["/chat/completions", "", 400],
    ["/chat/completions", "[]", 400],
    ["/chat/completions", `{${model}}`, 200],
    [
      "/chat/completions",
      `{${model},"messages":[null,{"role":"user","content":[5,{"text":7}]}],"stop":5,"n":1e9}`,
      200,
    ],
    ["/chat/completions", `{${model},"messages":{},"tools":[null,{"function":{"name":"f","parameters":5}}]}`, 200],
    [
      "/chat/completions",
      `{${model},"response_format":{"type":"json_schema","json_schema":{"schema":{"enum":[]}}}}`,
      200,
    ],
    ["/completions", `{${model},"prompt":[null,{}],"max_tokens":-3}`, 200],
    ["/embeddings", '{"model":"mock-embed"}', 400],
    ["/embeddings", '{"model":"mock-embed","input":"x","dimensions":0}', 400],
    ["/elsewhere", "{}", 404],
  ];
  for (const [path, body, status] of rows)
    test(`${path} ${body} is answered`, async () => {
      const request = { method: "POST", url: `http://mock.invalid/v1${path}`, headers: {}, body } as const;
      const response = await transport.send(request, never);
      expect(response.status).toBe(status);
      expect(parseJson(await bodyText(response.body))).toBeObject();
    });
});

describe("the mock's pace", () => {
  const slow = { delayMilliseconds: 60_000 };
  for (const [name, run] of [
    [
      "whole",
      (signal: AbortSignal) => transport.send(chat.encode(ask({ mock: slow }), target("mock-echo"), undefined), signal),
    ],
    ["streamed", (signal: AbortSignal) => streamed("mock-echo", ask({ mock: slow }), signal)],
  ] as const)
    test(`gives way to an abort at once, ${name}`, async () => {
      const controller = new AbortController();
      const running = run(controller.signal);
      const reason = new Error("gone");
      await new Promise(setImmediate);
      controller.abort(reason);
      await expect(running).rejects.toBe(reason);
    });

  test("sends nothing once aborted", () => {
    const signal = AbortSignal.abort(new Error("gone"));
    return expect(transport.send(models.encode(), signal)).rejects.toThrow("gone");
  });

  test("groups tokens into chunks", async () => {
    const grouped = mock.create({ name: "m", kind: "mock", apiKeys: [], headers: {}, options: { chunkTokens: 3 } });
    const request = ask({ stream: true });
    const response = await grouped.transport?.send(chat.encode(request, target("mock-echo"), undefined), never);
    const text = await bodyText(response?.body ?? (async function* () {})());
    expect(text.match(/"content":"[^"]+"/g)).toEqual(['"content":"one two three"', '"content":" four"']);
  });

  test("is the provider's, unless the request says otherwise", () => {
    const pace = { firstTokenMilliseconds: 10, tokensPerSecond: 50, chunkTokens: 1 };
    expect(durationOf(5, pace)).toBe(100);
    expect(durationOf(5, { ...pace, tokensPerSecond: undefined })).toBe(0);
    expect(steered(pace, {})).toEqual(pace);
    expect(steered(pace, { delayMilliseconds: 0, tokensPerSecond: 200 })).toEqual({
      ...pace,
      firstTokenMilliseconds: 0,
      tokensPerSecond: 200,
    });
  });
});

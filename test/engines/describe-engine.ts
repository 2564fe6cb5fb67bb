import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { chunkShape, embeddingsShape, errorShape, modelsShape, replyShape } from "./reply-shapes.ts";
import { END_TOKEN_ID, TOOL_CALL_TOKEN_ID } from "./tiny-vocabulary.ts";

/** Where the tiny model can be reached: at its own server, or through anything that relays to it. */
export interface EngineUnderTest {
  /** Title of the suite. */
  readonly name: string;
  /** Where the OpenAI-compatible API begins, `/v1` included. */
  readonly baseUrl: string;
  /** The name to ask for. */
  readonly model: string;
  /** The name for embeddings, if another. */
  readonly embeddingModel?: string;
  /** Sent with every request, for example a key. */
  readonly headers?: Readonly<Record<string, string>>;
}

const MESSAGES = [
  { role: "system", content: "Answer in one line." },
  { role: "user", content: "Grüße aus 東京 🙂" },
];
const TOOL = {
  type: "function",
  function: {
    name: "set_light",
    description: "Switches a light.",
    parameters: {
      type: "object",
      properties: { room: { type: "string", enum: ["kitchen", "hall"] }, on: { type: "boolean" } },
      required: ["room", "on"],
      additionalProperties: false,
    },
  },
};
const toolArgumentsShape = z.strictObject({ room: z.enum(["kitchen", "hall"]), on: z.boolean() });
// The model says nothing but noise, so the caller pushes it into one tool call and then to its end.
const ONE_TOOL_CALL = {
  tools: [TOOL],
  tool_choice: "required",
  parallel_tool_calls: false,
  logit_bias: { [END_TOKEN_ID]: 100, [TOOL_CALL_TOKEN_ID]: 50 },
  max_tokens: 200,
};

/** Declares the tests of an OpenAI-compatible API behind which the tiny model answers. */
export const describeEngine = (engine: EngineUnderTest): void => {
  const send = (path: string, body: object): Promise<Response> =>
    fetch(`${engine.baseUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...engine.headers },
      body: JSON.stringify(body),
    });
  const chat = async (options: object) =>
    replyShape.parse(
      await readJson(await send("/chat/completions", { model: engine.model, messages: MESSAGES, ...options })),
    );
  const stream = async (options: object) =>
    readStream(
      await send("/chat/completions", {
        model: engine.model,
        messages: MESSAGES,
        stream: true,
        stream_options: { include_usage: true },
        ...options,
      }),
    );
  const embed = async (input: readonly string[]) =>
    embeddingsShape.parse(
      await readJson(await send("/embeddings", { model: engine.embeddingModel ?? engine.model, input })),
    );

  describe(engine.name, () => {
    test("lists the model", async () => {
      const reply = await fetch(`${engine.baseUrl}/models`, { headers: { ...engine.headers } });
      const models = modelsShape.parse(await readJson(reply));
      expect(models.data.map((model) => model.id)).toContain(engine.model);
    });

    test("a whole reply counts its tokens", async () => {
      const reply = await chat({ max_tokens: 12 });
      expect(reply.choices[0].finish_reason).toBe("length");
      expect(reply.usage.completion_tokens).toBe(12);
      expect(reply.usage.total_tokens).toBe(reply.usage.prompt_tokens + 12);
      expect(reply.choices[0].message.content?.trim().split(" ").length).toBeGreaterThan(1);
    });

    test("a reply that ends by itself says so", async () => {
      const reply = await chat({ max_tokens: 12, logit_bias: { [END_TOKEN_ID]: 100 } });
      expect(reply.choices[0].finish_reason).toBe("stop");
    });

    test("a streamed reply brings the same text and usage as a whole one", async () => {
      const options = { max_tokens: 40, temperature: 0 };
      const whole = await chat(options);
      const streamed = await stream(options);
      expect(streamed.text).toBe(whole.choices[0].message.content ?? "");
      expect(streamed.text).not.toContain("\ufffd");
      expect(streamed.chunkCount).toBeGreaterThan(10);
      expect(streamed.finishReasons).toEqual(["length"]);
      expect(streamed.usages).toMatchObject([
        { prompt_tokens: whole.usage.prompt_tokens, completion_tokens: 40, total_tokens: whole.usage.total_tokens },
      ]);
    });

    test("calls a tool", async () => {
      const reply = await chat(ONE_TOOL_CALL);
      expect(reply.choices[0].finish_reason).toBe("tool_calls");
      const calls = reply.choices[0].message.tool_calls ?? [];
      expect(calls.map((call) => call.function.name)).toEqual(["set_light"]);
      toolArgumentsShape.parse(JSON.parse(calls[0]?.function.arguments ?? ""));
    });

    test("streams a tool call in parts", async () => {
      const streamed = await stream(ONE_TOOL_CALL);
      expect(streamed.finishReasons).toEqual(["tool_calls"]);
      expect(streamed.toolCallParts.length).toBeGreaterThan(2);
      expect(streamed.toolCallParts.flatMap((part) => part.function.name ?? [])).toEqual(["set_light"]);
      toolArgumentsShape.parse(
        JSON.parse(streamed.toolCallParts.map((part) => part.function.arguments ?? "").join("")),
      );
    });

    test("continues after a tool's result", async () => {
      const asked = await chat(ONE_TOOL_CALL);
      const call = asked.choices[0].message.tool_calls?.[0];
      const messages = [
        ...MESSAGES,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: call?.id, content: "done" },
      ];
      const reply = await chat({ messages, tools: [TOOL], max_tokens: 5 });
      expect(reply.usage.completion_tokens).toBe(5);
      expect(reply.usage.prompt_tokens).toBeGreaterThan(asked.usage.prompt_tokens);
    });

    test("keeps to a JSON schema", async () => {
      const schema = { ...TOOL.function.parameters };
      const reply = await chat({
        response_format: { type: "json_schema", json_schema: { name: "light", strict: true, schema } },
        max_tokens: 200,
      });
      expect(reply.choices[0].finish_reason).toBe("stop");
      toolArgumentsShape.parse(JSON.parse(reply.choices[0].message.content ?? ""));
    });

    test("embeds texts in order", async () => {
      const { data, usage } = await embed(["moon", "a green hill", "moon"]);
      expect(data.map((item) => item.index)).toEqual([0, 1, 2]);
      const [moon = [], hill = [], moonAgain = []] = data.map((item) => item.embedding);
      expect(moon.length).toBeGreaterThan(1);
      expect(Math.hypot(...moon)).toBeCloseTo(1, 3);
      expect(cosine(moon, moonAgain)).toBeCloseTo(1, 3);
      expect(cosine(moon, hill)).toBeLessThan(0.99);
      expect(usage.total_tokens).toBeGreaterThan(2);
    });

    test("refuses a prompt that is too long, streamed or whole", async () => {
      const messages = [{ role: "user", content: "x".repeat(20_000) }];
      for (const stream of [false, true]) {
        const reply = await send("/chat/completions", { model: engine.model, messages, stream });
        expect(reply.status).toBe(400);
        errorShape.parse(await reply.json());
      }
    });

    test("answers several callers at once", async () => {
      const replies = await Promise.all(Array.from({ length: 12 }, () => stream({ max_tokens: 30 })));
      expect(replies.map((reply) => reply.usages[0]?.completion_tokens)).toEqual(replies.map(() => 30));
    });
  });
};

const readJson = async (reply: Response): Promise<unknown> => {
  if (!reply.ok) throw new Error(`expected success, got ${reply.status}: ${await reply.text()}`);
  return reply.json();
};

/** Reads a whole event stream and checks what every one must have: one id, and `[DONE]` at its end. */
const readStream = async (reply: Response) => {
  expect(reply.headers.get("content-type")).toStartWith("text/event-stream");
  const events = (await reply.text()).split("\n").filter((line) => line.startsWith("data: "));
  expect(events.pop()).toBe("data: [DONE]");
  const chunks = events.map((event) => chunkShape.parse(JSON.parse(event.slice("data: ".length))));
  expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    chunkCount: chunks.length,
    text: choices.map((choice) => choice.delta.content ?? "").join(""),
    toolCallParts: choices.flatMap((choice) => choice.delta.tool_calls ?? []),
    finishReasons: choices.flatMap((choice) => choice.finish_reason ?? []),
    usages: chunks.flatMap((chunk) => chunk.usage ?? []),
  };
};

const cosine = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);

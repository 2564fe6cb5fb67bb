import { describe, expect, test } from "bun:test";
import type { TextCompletionRequest } from "../../core/text-completion.ts";
import { decodeAll, dialogueWith, framesOfText, targetOf, wireOf } from "./testing.ts";
import { openaiTextCompletion } from "./text-completion.ts";

const request: TextCompletionRequest = { model: "asked", prompt: ["Once"], stream: false, includeUsage: false };
const translator = openaiTextCompletion(dialogueWith());

describe("a text completion", () => {
  test("is encoded with every field", () => {
    const full: TextCompletionRequest = {
      ...request,
      prompt: [[1, 2], [3]],
      suffix: "s",
      echo: true,
      bestOf: 3,
      maxOutputTokens: 5,
      temperature: 1,
      topP: 0.5,
      n: 2,
      seed: 1,
      stop: ["x"],
      frequencyPenalty: 1,
      presencePenalty: 2,
      logitBias: { "1": 2 },
      logprobs: 3,
      user: "u",
      stream: true,
      extra: { dialect: "openai", fields: { zz: 1 } },
    };
    const { url, body } = translator.encode(full, targetOf("real"), undefined);
    expect(url).toBe("https://example.com/v1/completions");
    expect(JSON.parse(body ?? "")).toEqual({
      model: "real",
      prompt: [[1, 2], [3]],
      suffix: "s",
      echo: true,
      best_of: 3,
      max_tokens: 5,
      temperature: 1,
      top_p: 0.5,
      n: 2,
      seed: 1,
      stop: ["x"],
      frequency_penalty: 1,
      presence_penalty: 2,
      logit_bias: { "1": 2 },
      logprobs: 3,
      user: "u",
      stream: true,
      stream_options: { include_usage: true },
      zz: 1,
    });
  });

  test("keeps the client's bytes", () => {
    const wire = wireOf('{"model":"asked", "prompt":"Once","max_tokens":5}', request);
    expect(translator.encode(request, targetOf("real"), wire).body).toBe(
      '{"model":"real", "prompt":"Once","max_tokens":5}',
    );
    expect(translator.encode(request, targetOf("real"), undefined).body).toBe('{"model":"real","prompt":"Once"}');
  });

  test("is decoded whole", () => {
    const body = {
      id: "cmpl-1",
      object: "text_completion",
      created: 5,
      model: "m",
      choices: [{ text: " upon", index: 0, logprobs: { tokens: [] }, finish_reason: "length" }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    expect(translator.decode(body, request)).toEqual({
      id: "cmpl-1",
      created: 5,
      model: "m",
      choices: [{ index: 0, text: " upon", finishReason: "length", logprobs: { tokens: [] } }],
      usage: { inputTokens: 1, outputTokens: 2 },
    });
    expect(() => translator.decode({ choices: [{}] }, request)).toThrow(
      expect.objectContaining({ code: "upstream_invalid_response" }),
    );
  });

  const streamed = (prompts: readonly string[], text: string) => {
    const decoder = translator.openStream?.({ ...request, prompt: prompts, stream: true });
    if (decoder === undefined) throw new Error("text completions are streamed");
    return decodeAll(decoder, framesOfText(text));
  };
  const chunk = (index: number, text: string, finish: string | null) =>
    `data: ${JSON.stringify({ id: "c", created: 5, model: "m", choices: [{ index, text, finish_reason: finish }] })}\n\n`;

  test("is decoded streamed, and is whole when every prompt's choice is", () => {
    expect(streamed(["a"], chunk(0, "up", null) + chunk(0, "on", "stop"))).toEqual([
      { type: "start", id: "c", created: 5, model: "m" },
      { type: "text", choice: 0, text: "up" },
      { type: "text", choice: 0, text: "on" },
      { type: "finish", choice: 0, reason: "stop" },
    ]);
    expect(() => streamed(["a", "b"], chunk(0, "on", "stop"))).toThrow(
      expect.objectContaining({ code: "upstream_invalid_response" }),
    );
  });
});

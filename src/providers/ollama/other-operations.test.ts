import { describe, expect, test } from "bun:test";
import { codeThrownBy, fixtureJson, served, target } from "./testing.ts";

const { textCompletion, embeddings, models } = served();

describe("text completion", () => {
  const asked = { model: "m", prompt: ["def f():"], stream: false, includeUsage: false } as const;

  test("is asked of /api/generate, without thoughts", () => {
    const wire = textCompletion.encode(
      { ...asked, suffix: "return x", maxOutputTokens: 5, stop: ["\n"], logprobs: 0 },
      target(),
      undefined,
    );
    expect(wire.url).toBe("http://127.0.0.1:11434/api/generate");
    expect(JSON.parse(wire.body ?? "")).toEqual({
      model: "qwen3:8b",
      prompt: "def f():",
      suffix: "return x",
      think: false,
      logprobs: true,
      top_logprobs: 0,
      stream: false,
      truncate: false,
      options: { num_predict: 5, stop: ["\n"] },
    });
  });

  test("a whole answer", () => {
    const body = {
      model: "m2",
      created_at: "2025-10-17T23:14:07.414671Z",
      response: " x = 1",
      done: true,
      done_reason: "stop",
      prompt_eval_count: 4,
      eval_count: 3,
      logprobs: [{ token: " x", logprob: -1, top_logprobs: [{ token: " y", logprob: -2 }] }],
    };
    expect(textCompletion.decode(body, asked)).toEqual({
      id: "",
      created: 1_760_742_847,
      model: "m2",
      choices: [
        {
          index: 0,
          text: " x = 1",
          finishReason: "stop",
          logprobs: { tokens: [" x"], token_logprobs: [-1], top_logprobs: [{ " y": -2 }], text_offset: [0] },
        },
      ],
      usage: { inputTokens: 4, outputTokens: 3 },
    });
  });

  test.each([[{ response: "x" }], [{ response: 1, done: true }], [[]]])("%j is refused", (body) => {
    expect(codeThrownBy(() => textCompletion.decode(body, asked))).toBe("upstream_invalid_response");
  });
});

describe("embeddings", () => {
  const asked = { model: "m", input: ["a", "b"], dimensions: 2, encodingFormat: "base64" } as const;

  test("are asked of /api/embed", () => {
    const wire = embeddings.encode(asked, target(), undefined);
    expect(wire.url).toBe("http://127.0.0.1:11434/api/embed");
    expect(JSON.parse(wire.body ?? "")).toEqual({
      model: "qwen3:8b",
      input: ["a", "b"],
      dimensions: 2,
      truncate: false,
    });
  });

  test("come in order, with the usage", () => {
    const body = { model: "e", embeddings: [[0.1], [0.2]], prompt_eval_count: 8 };
    expect(embeddings.decode(body, asked)).toEqual({
      model: "e",
      vectors: [[0.1], [0.2]],
      usage: { inputTokens: 8, outputTokens: 0 },
    });
  });

  test.each([[{}], [{ embeddings: [[1]] }], [{ embeddings: [[1], ["x"]] }], [null]])("%j is refused", (body) => {
    expect(codeThrownBy(() => embeddings.decode(body, asked))).toBe("upstream_invalid_response");
  });
});

describe("models", () => {
  test("the list says what the server knows", () => {
    expect(models.encode()).toEqual({ method: "GET", url: "http://127.0.0.1:11434/api/tags", headers: {} });
    const known = { openWeights: true, source: "upstream" } as const;
    expect(models.decode(fixtureJson("tags.json"))).toEqual([
      {
        id: "qwen3:8b",
        facts: {
          family: "qwen3",
          contextTokens: 40_960,
          tags: ["8.2B", "Q4_K_M"],
          tools: true,
          reasoning: true,
          inputModalities: ["text"],
          ...known,
        },
      },
      { id: "nomic-embed-text:latest", facts: { family: "nomic-bert", tags: ["137M"], embeddings: true, ...known } },
      {
        id: "llava:7b",
        facts: { family: "llama", tools: false, reasoning: false, inputModalities: ["text", "image"], ...known },
      },
    ]);
  });

  test("another shape is refused", () => {
    expect(codeThrownBy(() => models.decode([]))).toBe("upstream_invalid_response");
  });
});

import { type Behaviour, pieceOf, promptTokens, textOf, vectorOf } from "./behaviour.ts";

const created = 1_750_000_000;

const usageOf = (chunks: number) => ({
  prompt_tokens: promptTokens,
  completion_tokens: chunks,
  total_tokens: promptTokens + chunks,
});

/** `usage` is there unless the behaviour withholds it. */
const withUsage = (behaviour: Behaviour): object =>
  behaviour.usage === "none" ? {} : { usage: usageOf(behaviour.chunks) };

export const wholeChat = (model: string, behaviour: Behaviour): string =>
  JSON.stringify({
    id: "chatcmpl-upstream",
    object: "chat.completion",
    created,
    model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: textOf(model, behaviour.chunks), refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    ...withUsage(behaviour),
  });

const frame = (model: string, fields: object): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-upstream", object: "chat.completion.chunk", created, model, ...fields })}\n\n`;

/** One piece of a streamed chat. */
export const chatPiece = (model: string, index: number): string =>
  frame(model, {
    choices: [
      {
        index: 0,
        delta: { ...(index === 0 ? { role: "assistant" } : {}), content: pieceOf(model, index) },
        logprobs: null,
        finish_reason: null,
      },
    ],
  });

export const chatEnd = (model: string, behaviour: Behaviour): string =>
  frame(model, { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }] }) +
  (behaviour.usage === "none" ? "" : frame(model, { choices: [], usage: usageOf(behaviour.chunks) })) +
  "data: [DONE]\n\n";

/** As many embeddings as there are inputs. */
export const embeddings = (model: string, input: unknown): string => {
  const count = Array.isArray(input) && typeof input[0] !== "number" ? input.length : 1;
  const data = Array.from({ length: count }, (_, index) => ({
    object: "embedding",
    index,
    embedding: vectorOf(model),
  }));
  return JSON.stringify({
    object: "list",
    data,
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
};

export const refusal = (status: number): string =>
  JSON.stringify({ error: { message: `Asked to answer ${status}.`, type: "upstream", param: null, code: null } });

export const models = JSON.stringify({
  object: "list",
  data: [{ id: "any", object: "model", created, owned_by: "upstream" }],
});

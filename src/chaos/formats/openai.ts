import { type Answer, malformedEvent, readMessagesBody, serverSentEvent, type WireFormat } from "./wire-format.ts";

const usageOf = ({ inputTokens, outputTokens }: Answer) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});

const errorTypes: Readonly<Record<number, string>> = { 401: "authentication_error", 429: "rate_limit_error" };

/** "Chat" of OpenAI's API reference. */
export const openai: WireFormat = {
  contentType: "text/event-stream",
  read: readMessagesBody("whole"),
  whole: (answer) => ({
    id: "chatcmpl-chaos",
    object: "chat.completion",
    created: 1_790_000_000,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: answer.pieces.join(""), refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: usageOf(answer),
  }),
  stream(answer) {
    const head = { id: "chatcmpl-chaos", object: "chat.completion.chunk", created: 1_790_000_000, model: answer.model };
    const event = (delta: object, reason: string | null = null): string =>
      serverSentEvent({ ...head, choices: [{ index: 0, delta, finish_reason: reason }] });
    return {
      opening: event({ role: "assistant", content: "" }),
      content: answer.pieces.map((content) => event({ content })),
      ending:
        event({}, "stop") +
        serverSentEvent({ ...head, choices: [], usage: usageOf(answer) }) +
        serverSentEvent("[DONE]"),
    };
  },
  refusal: (status, message) => ({
    error: { message, type: errorTypes[status] ?? "server_error", param: null, code: null },
  }),
  malformed: malformedEvent,
};

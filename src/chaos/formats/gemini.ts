import { beginningOf, malformedEvent, serverSentEvent, type WireFormat } from "./wire-format.ts";

const statusNames: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

const reply = (model: string, candidate: object, more: object = {}) => ({
  candidates: [{ index: 0, ...candidate }],
  modelVersion: model,
  responseId: "chaos",
  ...more,
});
const content = (text: string) => ({ content: { role: "model", parts: [{ text }] } });
const usage = ({ inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number }) => ({
  usageMetadata: {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: inputTokens + outputTokens,
  },
});

/** "Generating content" of Gemini's API reference; the model and the wish for a stream stand in the path. */
export const gemini: WireFormat = {
  contentType: "text/event-stream",
  read(path, body) {
    const [, model = "", operation = ""] = /\/((?:models|tunedModels)\/[^/:]+):(\w+)/.exec(path) ?? [];
    return {
      model: model.replace(/^models\//, ""),
      isStreamed: operation === "streamGenerateContent",
      beginning: beginningOf((body as { readonly contents?: unknown }).contents),
    };
  },
  whole: (answer) => reply(answer.model, { ...content(answer.pieces.join("")), finishReason: "STOP" }, usage(answer)),
  stream: (answer) => ({
    opening: "",
    content: answer.pieces.map((text) => serverSentEvent(reply(answer.model, content(text)))),
    ending: serverSentEvent(reply(answer.model, { ...content(""), finishReason: "STOP" }, usage(answer))),
  }),
  refusal: (status, message) => ({ error: { code: status, message, status: statusNames[status] ?? "INTERNAL" } }),
  malformed: malformedEvent,
};

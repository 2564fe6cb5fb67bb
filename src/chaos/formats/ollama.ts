import { readMessagesBody, type WireFormat } from "./wire-format.ts";

const line = (model: string, content: string, more: object): object => ({
  model,
  created_at: "2026-01-01T00:00:00Z",
  message: { role: "assistant", content },
  ...more,
});
const written = (value: object): string => `${JSON.stringify(value)}\n`;

const ending = ({ inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number }) => ({
  done: true,
  done_reason: "stop",
  prompt_eval_count: inputTokens,
  eval_count: outputTokens,
});

/** "API reference" of Ollama. */
export const ollama: WireFormat = {
  contentType: "application/x-ndjson",
  read: readMessagesBody("streamed"),
  whole: (answer) => line(answer.model, answer.pieces.join(""), ending(answer)),
  stream: (answer) => ({
    opening: "",
    content: answer.pieces.map((text) => written(line(answer.model, text, { done: false }))),
    ending: written(line(answer.model, "", ending(answer))),
  }),
  refusal: (_status, message) => ({ error: message }),
  malformed: '{"broken": \n',
};

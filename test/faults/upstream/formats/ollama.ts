import { readMessages } from "../asked.ts";
import type { Answer, Event, WireFormat } from "../wire-format.ts";

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly tools?: readonly unknown[];
  readonly messages: readonly { readonly role?: string; readonly content?: unknown }[];
}

const line = (answer: Answer, message: object, more: object) => ({
  model: answer.model,
  created_at: "2026-01-01T00:00:00Z",
  message: { role: "assistant", content: "", ...message },
  ...more,
});

const callsOf = ({ calls }: Answer): readonly object[] =>
  calls.map(({ name, arguments: text }) => ({ function: { name, arguments: JSON.parse(text) as unknown } }));

const ending = ({ inputTokens, outputTokens, withUsage }: Answer) => ({
  done: true,
  done_reason: "stop",
  ...(withUsage ? { prompt_eval_count: inputTokens, eval_count: outputTokens } : {}),
});

const event = (part: Event["part"], data: object, units: number): Event => ({
  part,
  name: "",
  data: JSON.stringify(data),
  units,
});

/** "API reference" of Ollama. */
export const ollama: WireFormat = {
  framing: "ndjson",
  read(path, body) {
    if (path !== "/ollama/api/chat") return undefined;
    const { model, stream, tools, messages } = body as Body;
    return { model, isStreamed: stream !== false, hasTools: (tools ?? []).length > 0, ...readMessages(messages) };
  },
  whole: (answer) =>
    line(
      answer,
      {
        content: answer.pieces.join(""),
        ...(answer.calls.length > 0 ? { tool_calls: callsOf(answer) } : {}),
      },
      ending(answer),
    ),
  events: (answer) => [
    ...answer.pieces.map((content) => event("content", line(answer, { content }, { done: false }), content.length)),
    ...answer.calls.map((call, position) =>
      event(
        "content",
        line(answer, { tool_calls: [callsOf(answer)[position]] }, { done: false }),
        call.name.length + call.arguments.length,
      ),
    ),
    event("end", line(answer, {}, ending(answer)), 0),
  ],
  refusal: (_status, message) => ({ error: message }),
  failure: (message) => ({ name: "", data: JSON.stringify({ error: message }) }),
};

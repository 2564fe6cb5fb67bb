import { readMessages } from "../asked.ts";
import type { Answer, Event, WireFormat } from "../wire-format.ts";

interface Body {
  readonly tools?: readonly unknown[];
  readonly contents: readonly { readonly role?: string; readonly parts?: unknown }[];
}

const usageOf = ({ inputTokens, outputTokens, withUsage }: Answer) =>
  withUsage
    ? {
        usageMetadata: {
          promptTokenCount: inputTokens,
          candidatesTokenCount: outputTokens,
          totalTokenCount: inputTokens + outputTokens,
        },
      }
    : {};

const reply = (answer: Answer, candidate: object, more: object = {}) => ({
  candidates: [{ index: 0, ...candidate }],
  modelVersion: answer.model,
  responseId: "lab",
  ...more,
});

const partsOf = ({ pieces, calls }: Answer): readonly (readonly [object, number])[] => [
  ...pieces.map((text) => [{ text }, text.length] as const),
  ...calls.map(
    ({ name, arguments: text }) =>
      [{ functionCall: { name, args: JSON.parse(text) as unknown } }, name.length + text.length] as const,
  ),
];

const statusNames: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

/** "Generating content" of Gemini's API reference; the event that says why the answer ended is the last. */
export const gemini: WireFormat = {
  framing: "sse",
  read(path, body) {
    const match = /^\/gemini\/v1beta\/models\/([^/:]+):(streamGenerateContent\?alt=sse|generateContent)$/.exec(path);
    if (match === null) return undefined;
    const { contents, tools } = body as Body;
    return {
      model: match[1] ?? "",
      isStreamed: match[2] !== "generateContent",
      hasTools: (tools ?? []).length > 0,
      ...readMessages(contents),
    };
  },
  whole: (answer) =>
    reply(
      answer,
      { content: { role: "model", parts: partsOf(answer).map(([part]) => part) }, finishReason: "STOP" },
      usageOf(answer),
    ),
  events: (answer) => [
    ...partsOf(answer).map(
      ([part, units]): Event => ({
        part: "content",
        name: "",
        data: JSON.stringify(reply(answer, { content: { role: "model", parts: [part] } })),
        units,
      }),
    ),
    {
      part: "end",
      name: "",
      data: JSON.stringify(
        reply(answer, { content: { role: "model", parts: [{ text: "" }] }, finishReason: "STOP" }, usageOf(answer)),
      ),
      units: 0,
    },
  ],
  refusal: (status, message) => ({ error: { code: status, message, status: statusNames[status] ?? "INTERNAL" } }),
  failure: (message) => ({ name: "", data: JSON.stringify({ error: { code: 500, message, status: "INTERNAL" } }) }),
};

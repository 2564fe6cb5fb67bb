import { type Asked, type Said, scriptedUsage, scriptedVector, textOf } from "./upstream-script.ts";
import { type Body, dataFrame, type FakeUpstream, startUpstream, type WireFormat } from "./upstream-server.ts";

const read: WireFormat["read"] = ({ path, body }) => {
  const match = /^\/v1beta\/models\/([^/:]+):(streamGenerateContent\?alt=sse|generateContent)$/.exec(path);
  if (match === null) return undefined;
  const parts: readonly Body[] = body.contents.at(-1)?.parts ?? [];
  return {
    model: match[1] ?? "",
    text: parts.map(({ text = "" }) => text).join(""),
    tools: (body.tools ?? []).flatMap(({ functionDeclarations = [] }: Body) =>
      functionDeclarations.map(({ name }: Body) => name),
    ),
    results: parts
      .filter(({ functionResponse }) => functionResponse !== undefined)
      .map(({ functionResponse: { response } }) => {
        const result = response.result ?? response.output ?? response;
        return typeof result === "string" ? result : JSON.stringify(result);
      }),
    wantsJson: body.generationConfig?.responseMimeType === "application/json",
    images: parts.filter(({ inlineData, fileData }) => (inlineData ?? fileData) !== undefined).length,
    streamed: match[2] !== "generateContent",
  };
};

const usage = {
  promptTokenCount: scriptedUsage.inputTokens,
  candidatesTokenCount: scriptedUsage.outputTokens,
  totalTokenCount: scriptedUsage.inputTokens + scriptedUsage.outputTokens,
};

/** Calls have no ids: those are optional, and Gemini 2.5 leaves them out. */
const partsOf = (said: Said): readonly unknown[] =>
  said.kind === "text"
    ? said.pieces.map((text) => ({ text }))
    : said.calls.map(({ name, arguments: args }) => ({ functionCall: { name, args } }));

const answer = (model: string, candidate: object): unknown => ({
  candidates: [{ index: 0, ...candidate }],
  usageMetadata: usage,
  modelVersion: model,
  responseId: "resp-fake",
});

const whole = ({ model }: Asked, said: Said): unknown =>
  answer(model, {
    content: { role: "model", parts: said.kind === "text" ? [{ text: textOf(said) }] : partsOf(said) },
    finishReason: "STOP",
  });

const frames = ({ model }: Asked, said: Said): readonly string[] => {
  const parts = partsOf(said);
  return parts.map((part, place) =>
    dataFrame(
      answer(model, {
        content: { role: "model", parts: [part] },
        ...(place === parts.length - 1 ? { finishReason: "STOP" } : {}),
      }),
    ),
  );
};

const statusNames: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
};

/** "Generating content" and "Embeddings", Gemini API reference. */
const format: WireFormat = {
  read,
  whole,
  frames,
  streamType: "text/event-stream",
  refusal: (status) => ({
    error: {
      code: status,
      message: `The upstream refuses with ${status}: key AIza-upstream-secret.`,
      status: statusNames[status] ?? "INTERNAL",
    },
  }),
  other({ path, body }) {
    if (path.endsWith(":batchEmbedContents"))
      return { embeddings: body.requests.map(() => ({ values: scriptedVector })) };
    if (!path.startsWith("/v1beta/models")) return undefined;
    const methods = { supportedGenerationMethods: ["generateContent", "countTokens"] };
    return { models: [{ name: "models/gemini-2.5-flash", inputTokenLimit: 1_048_576, ...methods }] };
  },
  recorded: { whole: "gemini/fixtures/whole.json", stream: "gemini/fixtures/tools.sse" },
};

export const startGeminiUpstream = (): FakeUpstream => startUpstream(format);

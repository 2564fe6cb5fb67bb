import type { AssistantPart } from "./chat.ts";
import type { JsonValue } from "./json.ts";
import type { Choice, Chunk, Completion } from "./reply.ts";

/** Characters of one piece of text: enough that a long answer has few events, little enough that none is huge. */
const pieceLength = 1_024;

/** Cut between characters, never within one. */
const piecesOf = (text: string): readonly string[] => {
  if (text.length <= pieceLength) return [text];
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + pieceLength);
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last < 0xdc00 && end < text.length) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
};

/** Anthropic's streams tell where a text is from by deltas beside it; whole, that stands with the text. */
const citationChunks = ({ providerData }: AssistantPart & { type: "text" | "refusal" }, choice: number): Chunk[] => {
  const citations = providerData?.anthropic?.["citations"];
  if (!Array.isArray(citations)) return [];
  return citations.map((citation: JsonValue) => ({
    type: "opaque",
    choice,
    extra: { dialect: "anthropic", fields: { type: "citations_delta", citation } },
  }));
};

interface Place {
  readonly choice: number;
  /** Of the next tool call. */
  toolIndex: number;
  /** Where the log-probabilities of all text still have to go out. */
  logprobs: Choice["logprobs"];
}

/** Log-probabilities are not told apart by piece: all of them come with a text that is in one. */
const proseChunks = (part: AssistantPart & { type: "text" | "refusal" }, place: Place): readonly Chunk[] => {
  const { choice, logprobs } = place;
  const { type, text } = part;
  const citations = citationChunks(part, choice);
  if (logprobs === undefined) return [...piecesOf(text).map((piece) => ({ type, choice, text: piece })), ...citations];
  place.logprobs = undefined;
  return [{ type, choice, text, logprobs }, ...citations];
};

const reasoningChunks = (part: AssistantPart & { type: "reasoning" }, choice: number): readonly Chunk[] => {
  const pieces: Chunk[] = piecesOf(part.text).map((text) => ({ type: "reasoning", choice, text }));
  // Signatures come last, as upstreams send them.
  if (part.providerData !== undefined)
    pieces.push({ type: "reasoning", choice, text: "", providerData: part.providerData });
  return pieces;
};

/** In OpenAI's dialect a call of a tool type of its own stands among the calls; other parts stand by themselves. */
const opaqueChunk = ({ dialect, value }: AssistantPart & { type: "opaque" }, place: Place): Chunk => ({
  type: "opaque",
  choice: place.choice,
  extra: {
    dialect,
    fields: dialect === "openai" ? { tool_calls: [{ ...value, index: place.toolIndex++ }] } : value,
  },
});

const partChunks = (part: AssistantPart, place: Place): readonly Chunk[] => {
  switch (part.type) {
    case "text":
    case "refusal":
      return proseChunks(part, place);
    case "reasoning":
      return reasoningChunks(part, place.choice);
    case "toolCall": {
      const { id, name, arguments: text, providerData } = part;
      const data = providerData === undefined ? {} : { providerData };
      const { choice } = place;
      return [{ type: "toolCall", choice, toolIndex: place.toolIndex++, id, name, arguments: text, ...data }];
    }
    case "opaque":
      return [opaqueChunk(part, place)];
  }
};

const choiceChunks = ({ index, content, logprobs, extra, finishReason, stopSequence }: Choice): readonly Chunk[] => {
  const place: Place = { choice: index, toolIndex: 0, logprobs };
  const chunks = content.flatMap((part) => partChunks(part, place));
  if (place.logprobs !== undefined) chunks.push({ type: "text", choice: index, text: "", logprobs: place.logprobs });
  if (extra !== undefined) chunks.push({ type: "opaque", choice: index, extra });
  const stop = stopSequence === undefined ? {} : { stopSequence };
  return [...chunks, { type: "finish", choice: index, reason: finishReason, ...stop }];
};

/** A whole answer as the stream that it would have come as: `openAssembly` makes the same answer of it again. */
export const streamOf = ({ id, created, model, choices, usage, extra }: Completion): readonly Chunk[] => [
  { type: "start", id, created, model, ...(extra === undefined ? {} : { extra }) },
  ...choices.flatMap(choiceChunks),
  ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
];

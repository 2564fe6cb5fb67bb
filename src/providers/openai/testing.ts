import { readFileSync } from "node:fs";
import type { Wire } from "../../core/call.ts";
import type { ChatRequest, Dialect } from "../../core/chat.ts";
import { openFrames } from "../../core/frames.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ModelFacts, Target } from "../../core/model.ts";
import type { Frame, StreamDecoder } from "../../core/ports/provider.ts";
import { type Dialogue, openaiQuirks, type Quirks } from "./quirks.ts";

/** What the tests of this folder share. */
export const dialogueWith = (quirks: Partial<Quirks> = {}): Dialogue => ({
  provider: "somewhere",
  baseUrl: "https://example.com/v1",
  headers: {},
  quirks: { ...openaiQuirks, ...quirks },
});

export const targetOf = (model: string, facts: ModelFacts = {}): Target => ({
  id: `somewhere/${model}`,
  provider: "somewhere",
  kind: "openai",
  model,
  facts,
});

export const chatRequest = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "asked",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: false,
  includeUsage: false,
  ...fields,
});

/** A client's body as the edge hands it on; `text` must hold `"model":"asked"`. */
export const wireOf = (text: string, parsed: unknown, dialect: Dialect = "openai"): Wire => {
  const start = text.indexOf('"asked"');
  return {
    dialect,
    text,
    bytes: text.length,
    body: JSON.parse(text) as JsonObject,
    model: { start, end: start + '"asked"'.length },
    parsed,
  };
};

export const framesOfText = (text: string): readonly Frame[] => {
  const splitter = openFrames("sse", { maxCharacters: 1_000_000 });
  return [...splitter.push(new TextEncoder().encode(text)), ...splitter.end()];
};

export const fixture = (name: string): readonly Frame[] =>
  framesOfText(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8"));

/** Everything that the frames decode to, to the end of the body. */
export const decodeAll = <Piece>(decoder: StreamDecoder<Piece>, frames: readonly Frame[]): readonly Piece[] => [
  ...frames.flatMap((frame) => decoder.push(frame)),
  ...decoder.end(),
];

import { readFileSync } from "node:fs";
import type { ChatRequest } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { openFrames } from "../../core/frames.ts";
import type { Target } from "../../core/model.ts";
import type { Frame, ProviderSettings } from "../../core/ports/provider.ts";
import { ollama } from "./module.ts";

/** What the tests of this folder share: a provider's translators, targets, requests and fixtures. */
export const served = (settings: Partial<ProviderSettings> = {}) => {
  const provider = ollama.create({ name: "local", kind: "ollama", apiKeys: [], headers: {}, options: {}, ...settings });
  const { chat, textCompletion, embeddings, models, credentials } = provider;
  if (chat === undefined || textCompletion === undefined || embeddings === undefined || models === undefined)
    throw new Error("not served");
  return { chat, textCompletion, embeddings, models, credentials };
};

export const target = (facts: Target["facts"] = {}): Target => ({
  id: "local/qwen3:8b",
  provider: "local",
  kind: "ollama",
  model: "qwen3:8b",
  facts,
});

export const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "small",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: false,
  includeUsage: false,
  ...fields,
});

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
export const fixtureJson = (name: string): unknown => JSON.parse(fixture(name));

export const framesOf = (text: string): readonly Frame[] => {
  const splitter = openFrames("ndjson", { maxCharacters: 1_000_000 });
  return [...splitter.push(new TextEncoder().encode(text)), ...splitter.end()];
};

/** The code of the GatewayError that `action` throws; anything else is thrown on. */
export const codeThrownBy = (action: () => unknown): string => {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown.code;
    throw thrown;
  }
  return "nothing thrown";
};

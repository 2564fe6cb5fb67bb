import { readFileSync } from "node:fs";
import type { ChatRequest } from "../../core/chat.ts";
import { GatewayError } from "../../core/errors.ts";
import { openFrames } from "../../core/frames.ts";
import type { Target } from "../../core/model.ts";
import type { Frame, Provider, Translator } from "../../core/ports/provider.ts";
import { gemini } from "./module.ts";

/** What the tests of this folder share: a provider, targets, requests and fixtures. */
export const provider: Provider = gemini.create({
  name: "google",
  kind: "gemini",
  apiKeys: ["key"],
  headers: { "x-team": "a" },
  options: {},
});

export const chatOf = ({ chat }: Provider): Translator<"chat"> => {
  if (chat === undefined) throw new Error("no chat");
  return chat;
};

export const target = (model: string, facts: Target["facts"] = {}): Target => ({
  id: `google/${model}`,
  provider: "google",
  kind: "gemini",
  model,
  facts,
});

export const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "flash",
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: false,
  includeUsage: false,
  ...fields,
});

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
export const fixtureJson = (name: string): unknown => JSON.parse(fixture(name));

export const framesOf = (text: string): readonly Frame[] => {
  const splitter = openFrames("sse", { maxCharacters: 1_000_000 });
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

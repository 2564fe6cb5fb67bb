import { describe, expect, test } from "bun:test";
import { answerText, inPieces } from "../chaos/answer-text.ts";
import { formats } from "../chaos/formats/index.ts";
import type { ChatRequest } from "../core/chat.ts";
import { GatewayError } from "../core/errors.ts";
import { openFrames } from "../core/frames.ts";
import type { Target } from "../core/model.ts";
import type { Provider } from "../core/ports/provider.ts";
import type { Chunk } from "../core/reply.ts";
import { providerModules } from "../providers/index.ts";
import { refuseRealUpstream } from "./chaos-call.ts";

const origin = "http://127.0.0.1:1";
const text = answerText(0);
const answer = { model: "gemini-2.5-flash", pieces: inPieces(text), inputTokens: 20, outputTokens: 50 };
const request = (stream: "streamed" | "whole"): ChatRequest => ({
  model: answer.model,
  messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
  stream: stream === "streamed",
  includeUsage: true,
});

const make = (kind: string, baseUrl?: string): { provider: Provider; target: Target } => {
  const module = providerModules.find((one) => one.kind === kind);
  if (module === undefined) throw new Error(`no kind ${kind}`);
  const settings = { name: "lab", kind, apiKeys: ["k"], headers: {}, options: {} };
  const provider = module.create(baseUrl === undefined ? settings : { ...settings, baseUrl });
  const target: Target = {
    id: `lab/${answer.model}`,
    provider: "lab",
    kind,
    model: answer.model,
    facts: { source: "configuration" },
  };
  return { provider, target };
};

const chatOf = ({ chat }: Provider) => {
  if (chat?.openStream === undefined) throw new Error("no chat");
  return { ...chat, openStream: chat.openStream };
};

const textIn = (chunks: readonly Chunk[]): string =>
  chunks.map((chunk) => (chunk.type === "text" ? chunk.text : "")).join("");

const networked = providerModules.filter(({ kind }) => kind !== "mock").map(({ kind }) => kind);

describe.each(networked)("what is served for the kind %s", (kind) => {
  const { provider, target } = make(kind, origin);
  const chat = chatOf(provider);
  const format = formats[provider.dialect];

  test("a request is understood", () => {
    for (const form of ["streamed", "whole"] as const) {
      const { url, body } = chat.encode(request(form), target, undefined);
      const asked = format.read(url.slice(origin.length), JSON.parse(body ?? "{}"));
      expect(asked).toEqual({ model: answer.model, isStreamed: form === "streamed", beginning: null });
    }
  });

  test("a whole answer decodes", () => {
    const { choices, usage } = chat.decode(JSON.parse(JSON.stringify(format.whole(answer))), request("whole"));
    expect(choices[0]?.content).toMatchObject([{ type: "text", text }]);
    expect(usage).toMatchObject({ inputTokens: 20, outputTokens: 50 });
  });

  test("a streamed answer decodes, and one without its end does not", () => {
    const { opening, content, ending } = format.stream(answer);
    const decode = (body: string): readonly Chunk[] => {
      const decoder = chat.openStream(request("streamed"));
      const splitter = openFrames(chat.framing, { maxCharacters: 100_000 });
      const frames = [...splitter.push(Buffer.from(body)), ...splitter.end()];
      return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
    };
    const chunks = decode(opening + content.join("") + ending);
    expect(textIn(chunks)).toBe(text);
    expect(chunks.find(({ type }) => type === "usage")).toMatchObject({ usage: { inputTokens: 20, outputTokens: 50 } });
    expect(() => decode(opening + content.join(""))).toThrow(GatewayError);
    expect(() => decode(opening + content.join("") + format.malformed + ending)).toThrow(GatewayError);
  });

  test("refusals are read as what they are", () => {
    const codes = [401, 429, 500, 503].map(
      (status) => chat.decodeError(status, format.refusal(status, "refused"), target).code,
    );
    expect(codes).toEqual(["upstream_authentication", "rate_limit_exceeded", "upstream_error", "upstream_overloaded"]);
  });
});

describe("no real upstream is asked", () => {
  test.each(["openai", "anthropic", "gemini", "ollama", "cohere", "mock"])(
    "%s at its own address is refused",
    (kind) => {
      const { provider, target } = make(kind);
      expect(() => refuseRealUpstream({ provider, target, prefill: undefined }, [origin])).toThrow("Nothing was sent");
    },
  );

  test("another port of loopback is refused, the stand-in's is not", () => {
    const elsewhere = make("openai", "http://127.0.0.1:12/v1");
    expect(() => refuseRealUpstream({ ...elsewhere, prefill: undefined }, [origin])).toThrow("Nothing was sent");
    const here = make("openai", `${origin}/lab/v1`);
    expect(() => refuseRealUpstream({ ...here, prefill: undefined }, [origin])).not.toThrow();
  });
});

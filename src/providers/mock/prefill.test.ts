import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import { openFrames } from "../../core/frames.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import type { Chunk } from "../../core/reply.ts";
import { mock } from "./module.ts";

const { chat, transport } = mock.create({ name: "mock", kind: "mock", apiKeys: [], headers: {}, options: {} });
if (chat?.openStream === undefined || transport === undefined) throw new Error("the mock streams chats");
const target = (model: string): Target => ({ id: `mock/${model}`, provider: "mock", kind: "mock", model, facts: {} });

const ask = (mock: JsonObject = {}): ChatRequest => ({
  model: "any",
  messages: [{ role: "user", content: [{ type: "text", text: "one two three four five six" }] }],
  stream: true,
  includeUsage: false,
  extra: { dialect: "openai", fields: { mock } },
});
const begun = (request: ChatRequest, text: string): ChatRequest => ({
  ...request,
  continueFinal: true,
  messages: [...request.messages, { role: "assistant", content: [{ type: "text", text }] }],
});

/** What came of the answer, and whether it was cut. */
const streamed = async (model: string, request: ChatRequest) => {
  const sent = chat.encode(request, target(model), undefined);
  const response = await transport.send(sent, new AbortController().signal);
  const decoder = chat.openStream?.(request);
  const splitter = openFrames("sse", { maxCharacters: 1_000_000 });
  const chunks: Chunk[] = [];
  for await (const bytes of response.body)
    for (const frame of splitter.push(bytes)) chunks.push(...(decoder?.push(frame) ?? []));
  const text = chunks.flatMap((chunk) => (chunk.type === "text" ? [chunk.text] : [])).join("");
  return { text, end: () => decoder?.end() };
};

describe("a begun answer of the mock's", () => {
  for (const model of ["mock-echo", "mock-llama"])
    test(`${model} goes on with it from every place`, async () => {
      expect(chat.prefill?.(ask(), target(model))).toBe("continues");
      const { text } = await streamed(model, ask());
      for (let place = 1; place < text.length; place++) {
        const beginning = text.slice(0, place).trimEnd();
        expect(beginning + (await streamed(model, begun(ask(), beginning))).text).toBe(text);
      }
    });

  test("a beginning that is not its own is followed by all of its answer", async () => {
    expect((await streamed("mock-echo", begun(ask(), "Something else"))).text).toBe("one two three four five six");
  });

  for (const model of ["mock-tools", "mock-json"])
    test(`${model} does not go on`, () => {
      expect(chat.prefill?.(ask(), target(model))).toBeUndefined();
    });

  test("a stream that is asked to be cut ends without a word, and goes on to its end when it is continued", async () => {
    const request = ask({ cut: { afterChunks: 3 } });
    const cut = await streamed("mock-echo", request);
    expect(cut.text).toBe("one two");
    expect(cut.end).toThrow(expect.objectContaining({ code: "upstream_invalid_response" }));
    const rest = await streamed("mock-echo", begun(request, cut.text));
    expect(rest.text).toBe(" three four five six");
    expect(rest.end).not.toThrow();
  });
});

import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import { openaiChat } from "./chat.ts";
import { openaiEmbeddings } from "./embeddings.ts";
import type { Quirks } from "./quirks.ts";
import { chatRequest, dialogueWith, targetOf } from "./testing.ts";
import { openaiTextCompletion } from "./text-completion.ts";

interface Row {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly quirks?: Partial<Quirks>;
  readonly facts?: ModelFacts;
  readonly fields: readonly string[];
}
const image = { type: "image", source: { kind: "url", url: "https://example.com/a.png" } } as const;
const fileByUrl = { type: "file", source: { kind: "url", url: "https://example.com/a.pdf" } } as const;

const rows: readonly Row[] = [
  { name: "nothing", request: {}, fields: [] },
  { name: "top_k", request: { topK: 5 }, fields: ["top_k"] },
  { name: "top_k where it is known", request: { topK: 5 }, quirks: { refuses: [] }, fields: [] },
  {
    name: "what a server refuses, known to us or not",
    request: { logprobs: true, extra: { dialect: "openai", fields: { functions: [], store: true } } },
    quirks: { refuses: ["logprobs", "functions"] },
    fields: ["logprobs", "functions"],
  },
  {
    name: "what models that reason refuse",
    request: { stop: ["x"] },
    quirks: { reasoningModelsRefuse: ["stop"] },
    facts: { reasoning: true },
    fields: ["stop"],
  },
  { name: "and others take", request: { stop: ["x"] }, quirks: { reasoningModelsRefuse: ["stop"] }, fields: [] },
  { name: "too many choices", request: { n: 2 }, quirks: { maxChoices: 1 }, fields: ["n"] },
  { name: "one choice", request: { n: 1 }, quirks: { maxChoices: 1 }, fields: [] },
  {
    name: "a format that is not there",
    request: { responseFormat: { kind: "schema", name: "n", schema: {} } },
    quirks: { responseFormats: ["json"] },
    fields: ["response_format"],
  },
  {
    name: "reasoning of a model that does not",
    request: { reasoning: { effort: "high" } },
    facts: { reasoning: false },
    fields: ["reasoning_effort"],
  },
  { name: "no reasoning of it", request: { reasoning: { effort: "none" } }, facts: { reasoning: false }, fields: [] },
  {
    name: "tools and choices of another dialect",
    request: {
      tools: [
        { type: "function", name: "f" },
        { type: "opaque", dialect: "anthropic", value: {} },
      ],
      toolChoice: { kind: "opaque", dialect: "gemini", value: {} },
    },
    fields: ["tools.1", "tool_choice"],
  },
  {
    name: "content that the wire format has no place for",
    request: {
      messages: [
        {
          role: "user",
          content: [
            image,
            fileByUrl,
            { type: "image", source: { kind: "file", fileId: "f" } },
            { type: "opaque", dialect: "anthropic", value: {} },
          ],
        },
        { role: "tool", toolCallId: "c", content: [image] },
        { role: "assistant", content: [{ type: "opaque", dialect: "gemini", value: {} }] },
      ],
    },
    fields: [
      "messages.0.content.1",
      "messages.0.content.2",
      "messages.0.content.3",
      "messages.1.content.0",
      "messages.2.content.0",
    ],
  },
  {
    name: "content that a server has no eyes for",
    request: { messages: [{ role: "user", content: [image, { type: "audio", format: "wav", data: "" }] }] },
    quirks: { media: ["image"] },
    fields: ["messages.0.content.1"],
  },
  {
    name: "less where the server takes more",
    request: {
      messages: [
        { role: "user", content: [fileByUrl] },
        { role: "tool", toolCallId: "c", content: [image] },
      ],
    },
    quirks: { fileUrls: "accepted", toolResultMedia: "accepted" },
    fields: [],
  },
  {
    name: "names",
    request: { messages: [{ role: "user", content: [], name: "ann" }] },
    quirks: { messageNames: "refused" },
    fields: ["messages.0.name"],
  },
  {
    name: "foreign fields that change the answer, and no others",
    request: { extra: { dialect: "anthropic", fields: { mcp_servers: [{}], betas: [] } } },
    fields: ["mcp_servers"],
  },
];

describe("what a server cannot carry of a chat", () => {
  for (const { name, request, quirks, facts, fields } of rows)
    test(name, () => {
      const obstacles = openaiChat(dialogueWith(quirks)).unsupported(chatRequest(request), targetOf("m", facts));
      expect(obstacles.map(({ field }) => field)).toEqual([...fields]);
      // They are put together to one sentence.
      for (const { reason } of obstacles) expect(reason).toMatch(/[^.]$/);
      for (const { reason } of obstacles) expect(reason).not.toBe("");
    });
});

describe("what a server cannot carry of other operations", () => {
  const dialogue = dialogueWith({ tokenInputs: "refused", maxChoices: 1, refuses: ["suffix", "user"] });
  test("embeddings", () => {
    const request = { model: "m", input: [[1, 2]], encodingFormat: "float", user: "u" } as const;
    const obstacles = openaiEmbeddings(dialogue).unsupported(request, targetOf("m"));
    expect(obstacles.map(({ field }) => field)).toEqual(["user", "input"]);
    expect(openaiEmbeddings(dialogueWith()).unsupported(request, targetOf("m"))).toEqual([]);
  });
  test("text completion", () => {
    const request = { model: "m", prompt: [[1]], suffix: "s", n: 2, stream: false, includeUsage: false };
    const obstacles = openaiTextCompletion(dialogue).unsupported(request, targetOf("m"));
    expect(obstacles.map(({ field }) => field)).toEqual(["suffix", "n", "prompt"]);
    expect(openaiTextCompletion(dialogueWith()).unsupported(request, targetOf("m"))).toEqual([]);
  });
});

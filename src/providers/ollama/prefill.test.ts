import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../core/chat.ts";
import type { ModelFacts } from "../../core/model.ts";
import type { PrefillMode } from "../../core/ports/provider.ts";
import { request, served, target } from "./testing.ts";

interface Case {
  readonly option?: string;
  readonly facts?: ModelFacts;
  readonly fields?: Partial<ChatRequest>;
  readonly mode: PrefillMode | undefined;
}
const cases: readonly Case[] = [
  { mode: undefined },
  { facts: { reasoning: false }, mode: undefined },
  { option: "continues", mode: "continues" },
  { option: "echoes", mode: "echoes" },
  { option: "off", mode: undefined },
  { option: "continues", facts: { reasoning: true }, mode: undefined },
  { option: "continues", fields: { responseFormat: { kind: "json" } }, mode: undefined },
  { option: "continues", fields: { extra: { dialect: "ollama", fields: { format: "json" } } }, mode: undefined },
  { option: "continues", fields: { tools: [{ type: "function", name: "find" }] }, mode: undefined },
];

describe("whether Ollama goes on with a begun answer, which only its user knows", () => {
  for (const { option, facts, fields, mode } of cases)
    test(`${JSON.stringify({ option, facts, ...fields })}: ${mode}`, () => {
      const { chat } = served({ options: option === undefined ? {} : { prefill: option } });
      expect(chat.prefill?.(request({ stream: true, ...fields }), target(facts))).toBe(mode);
    });
});

test("a begun answer is the last message", () => {
  const { messages } = request();
  const begun = request({
    continueFinal: true,
    messages: [...messages, { role: "assistant", content: [{ type: "text", text: "Once upon" }] }],
  });
  expect(JSON.parse(served().chat.encode(begun, target(), undefined).body ?? "")).toMatchObject({
    messages: [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Once upon" },
    ],
  });
});

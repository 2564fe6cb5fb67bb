import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../core/chat.ts";
import { chatOf, provider, request, target } from "./testing.ts";

const bodyOf = (fields: Partial<ChatRequest>, model = "gemini-2.5-flash"): Record<string, unknown> =>
  JSON.parse(chatOf(provider).encode(request(fields), target(model), undefined).body ?? "") as Record<string, unknown>;

const user: Message = { role: "user", content: [{ type: "text", text: "Weather?" }] };

describe("encode tools", () => {
  const weather = { type: "function", name: "weather", description: "D", parameters: { type: "object" } } as const;

  test("functions stand in one tool, the dialect's own tools alone", () => {
    const search = { type: "opaque", dialect: "gemini", value: { googleSearch: {} } } as const;
    expect(bodyOf({ tools: [weather, search, { type: "function", name: "now" }] })["tools"]).toEqual([
      {
        functionDeclarations: [
          { name: "weather", description: "D", parametersJsonSchema: { type: "object" } },
          { name: "now" },
        ],
      },
      { googleSearch: {} },
    ]);
  });

  const choices: readonly (readonly [Partial<ChatRequest>, unknown])[] = [
    [{}, undefined],
    [{ toolChoice: { kind: "auto" } }, undefined],
    [{ toolChoice: { kind: "none" } }, { functionCallingConfig: { mode: "NONE" } }],
    [{ toolChoice: { kind: "required" } }, { functionCallingConfig: { mode: "ANY" } }],
    [
      { toolChoice: { kind: "function", name: "weather" } },
      { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } },
    ],
    [{ tools: [{ ...weather, strict: true }] }, { functionCallingConfig: { mode: "VALIDATED" } }],
    [{ toolChoice: { kind: "required" }, tools: [] }, undefined],
  ];
  test.each(choices)("%j becomes its toolConfig", (fields, expected) => {
    expect(bodyOf({ tools: [weather], ...fields })["toolConfig"]).toEqual(expected as object);
  });
});

describe("encode signatures", () => {
  const turn = (...content: Extract<Message, { role: "assistant" }>["content"]): readonly unknown[] => {
    const { contents } = bodyOf({ messages: [user, { role: "assistant", content }] }, "gemini-3-flash-preview");
    return ((contents as readonly { readonly parts: readonly unknown[] }[])[1]?.parts ?? []) as readonly unknown[];
  };
  const signature = { gemini: { thoughtSignature: "c2ln" } };
  const call = { type: "toolCall", id: "a", name: "f", arguments: "{}" } as const;
  const functionCall = { id: "a", name: "f", args: {} };

  test("a signature goes back with its part", () => {
    expect(
      turn(
        { type: "reasoning", text: "thought", providerData: signature },
        { type: "text", text: "said" },
        { type: "reasoning", text: "", providerData: signature },
        { ...call, providerData: signature },
        { ...call, id: "b" },
      ),
    ).toEqual([
      { text: "thought", thought: true, thoughtSignature: "c2ln" },
      { text: "said" },
      { text: "", thoughtSignature: "c2ln" },
      { functionCall, thoughtSignature: "c2ln" },
      { functionCall: { ...functionCall, id: "b" } },
    ]);
  });

  test("a foreign call gets the stand-in where signatures are wanted", () => {
    expect(turn(call, call)).toEqual([
      { functionCall, thoughtSignature: "skip_thought_signature_validator" },
      { functionCall },
    ]);
  });
});

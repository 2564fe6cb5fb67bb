import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../core/errors.ts";
import { openaiChat } from "./chat.ts";
import { openaiEmbeddings } from "./embeddings.ts";
import { decodeError } from "./errors.ts";
import { openaiModels } from "./models.ts";
import { OpenaiStream } from "./stream.ts";
import { chatRequest, dialogueWith, targetOf } from "./testing.ts";
import { openaiTextCompletion } from "./text-completion.ts";

const words = [
  ..."id object created model choices usage index message delta text content role refusal tool_calls function_call".split(
    " ",
  ),
  ..."function name arguments type thinking finish_reason stop_reason logprobs reasoning reasoning_content error".split(
    " ",
  ),
  ..."code param detail data embedding prompt_tokens completion_tokens total_tokens x_groq pricing capabilities".split(
    " ",
  ),
];

/** JSON that looks like the wire format, and is not. */
const { value } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom("", "stop", "error", "f", "{}", "[DONE]", "text", null, 0, 1, -1, 1.5, 1e300, true),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 6 }),
}));
const choice = fc.record(
  { index: value, message: value, delta: value, text: value, finish_reason: value },
  { requiredKeys: [] },
);
const body = fc.oneof(
  value,
  fc.record({ choices: fc.array(choice, { maxLength: 3 }), usage: value }),
  fc.record({ data: value }),
);

const dialogue = dialogueWith();
const text = { model: "m", prompt: ["a"], stream: false, includeUsage: false };
const vectors = { model: "m", input: ["a"], encodingFormat: "float" } as const;

const readers: Readonly<Record<string, (input: unknown) => unknown>> = {
  chat: (input) => openaiChat(dialogue).decode(input, chatRequest()),
  "text completion": (input) => openaiTextCompletion(dialogue).decode(input, text),
  embeddings: (input) => openaiEmbeddings(dialogue).decode(input, vectors),
  models: (input) => openaiModels(dialogue).decode(input),
  error: (input) => decodeError(400, input, targetOf("m")),
  stream: (input) => {
    const decoder = new OpenaiStream(dialogue, {});
    for (const each of Array.isArray(input) ? input : [input]) decoder.push({ event: "", data: JSON.stringify(each) });
    return decoder.end();
  },
};

describe("whatever an upstream sends", () => {
  // A failure prints its seed and the smallest body that fails.
  for (const [name, read] of Object.entries(readers))
    test(`as ${name}, nothing but a GatewayError is thrown`, () => {
      fc.assert(
        fc.property(fc.oneof(body, fc.array(body, { maxLength: 4 })), (input) => {
          try {
            read(input);
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
        }),
        { numRuns: 1_000 },
      );
    });
});

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isObject } from "./map-schemas.ts";
import { assertConforms, validateReply } from "./validate.ts";

const readText = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
const readJson = (name: string): unknown => JSON.parse(readText(`${name}.json`));

describe("what conforms", () => {
  const check = (fixture: string, schema: string): void =>
    test(`${fixture} is a ${schema}`, () => {
      expect(validateReply(schema, readJson(fixture))).toEqual([]);
    });

  check("chat-reply", "CreateChatCompletionResponse");
  check("chat-reply-with-logprobs", "CreateChatCompletionResponse");
  check("chat-tool-call-reply", "CreateChatCompletionResponse");
  check("chat-chunk", "CreateChatCompletionStreamResponse");
  check("chat-request", "CreateChatCompletionRequest");
  check("error", "ErrorResponse");
  check("embeddings", "CreateEmbeddingResponse");
  check("embeddings-base64", "CreateEmbeddingResponse");
  check("embeddings-request", "CreateEmbeddingRequest");
  check("models", "ListModelsResponse");
  check("text-completion", "CreateCompletionResponse");
  check("text-completion-chunk", "CreateCompletionResponse");
  check("text-completion-request", "CreateCompletionRequest");
});

type Path = readonly (string | number)[];

const replaceAt = (value: unknown, [key, ...rest]: Path, replacement: unknown): unknown => {
  if (key === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((member, index) => (index === key ? replaceAt(member, rest, replacement) : member));
  if (!isObject(value)) throw new Error(`Nothing at ${key}`);
  return { ...value, [key]: replaceAt(value[key], rest, replacement) };
};

describe("what doesn't conform", () => {
  const check = (
    fixture: string,
    schema: string,
    path: Path,
    replacement: unknown,
    problems: readonly string[],
  ): void =>
    test(`${fixture} with ${path.join(".")} ${replacement === undefined ? "missing" : JSON.stringify(replacement)}`, () => {
      const broken: unknown = replaceAt(readJson(fixture), path, replacement);
      expect(validateReply(schema, broken)).toEqual([...problems]);
      expect(() => assertConforms(schema, broken)).toThrow(problems.join("\n  "));
    });

  const reply = "CreateChatCompletionResponse";
  const chunk = "CreateChatCompletionStreamResponse";
  const reasons = '["stop","length","tool_calls","content_filter","function_call"]';
  const choice = ["choices", 0];
  const message = [...choice, "message"];
  const toolCall = [...message, "tool_calls", 0];
  const missing = undefined;
  check("chat-reply", reply, ["id"], missing, ["(root): must have required property 'id'"]);
  check("chat-reply", reply, ["object"], "chat", ['/object: must be one of ["chat.completion"]']);
  check("chat-reply", reply, ["created"], 1741569952000, ['/created: must match format "unixtime"']);
  check("chat-reply", reply, ["usage"], null, ["/usage: must be object"]);
  check("chat-reply", reply, ["service_tier"], 1, [
    '/service_tier: must be string or must be one of ["auto","default","flex","scale","priority","fast"] or must be null',
  ]);
  check("chat-reply", reply, [...choice, "finish_reason"], "end_turn", [
    `/choices/0/finish_reason: must be one of ${reasons}`,
  ]);
  check("chat-reply", reply, [...choice, "finish_reason"], null, [
    "/choices/0/finish_reason: must be string",
    `/choices/0/finish_reason: must be one of ${reasons}`,
  ]);
  check("chat-reply", reply, [...choice, "logprobs"], missing, ["/choices/0: must have required property 'logprobs'"]);
  check("chat-reply", reply, [...message, "refusal"], missing, [
    "/choices/0/message: must have required property 'refusal'",
  ]);
  check("chat-reply", reply, [...message, "tool_calls"], null, ["/choices/0/message/tool_calls: must be array"]);
  check("chat-tool-call-reply", reply, [...toolCall, "id"], missing, [
    "/choices/0/message/tool_calls/0: must have required property 'id' or must have required property 'custom'",
    '/choices/0/message/tool_calls/0/type: must be one of ["custom"]',
  ]);
  check("chat-chunk", chunk, ["choices"], missing, ["(root): must have required property 'choices'"]);
  check("chat-chunk", chunk, ["object"], "chat.completion", ['/object: must be one of ["chat.completion.chunk"]']);
  check("chat-chunk", chunk, [...choice, "finish_reason"], missing, [
    "/choices/0: must have required property 'finish_reason'",
  ]);
  check("chat-chunk", chunk, [...choice, "finish_reason"], "eos", [
    `/choices/0/finish_reason: must be one of ${reasons} or must be null`,
  ]);
  check("error", "ErrorResponse", ["error", "code"], missing, ["/error: must have required property 'code'"]);
  check("error", "ErrorResponse", ["error", "code"], 404, ["/error/code: must be string or must be null"]);
  check("error", "ErrorResponse", ["error", "param"], missing, ["/error: must have required property 'param'"]);
  check("embeddings", "CreateEmbeddingResponse", ["usage"], missing, ["(root): must have required property 'usage'"]);
  check("embeddings", "CreateEmbeddingResponse", ["data", 0, "embedding"], null, [
    "/data/0/embedding: must be array or must be string",
  ]);
  check("models", "ListModelsResponse", ["data", 0, "owned_by"], missing, [
    "/data/0: must have required property 'owned_by'",
  ]);
  check("text-completion", "CreateCompletionResponse", [...choice, "finish_reason"], "tool_calls", [
    '/choices/0/finish_reason: must be one of ["stop","length","content_filter"] or must be null',
  ]);
  check("chat-request", "CreateChatCompletionRequest", ["temperature"], 3, [
    "/temperature: must be <= 2 or must be null",
  ]);

  test("a schema that isn't extracted is an error", () => {
    expect(() => validateReply("CreateThreadRequest", {})).toThrow("No schema CreateThreadRequest");
  });
});

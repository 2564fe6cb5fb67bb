import { describe, expect, test } from "bun:test";
import type { ErrorCode } from "../../core/errors.ts";
import { decodeError, failureWithin } from "./errors.ts";
import { targetOf } from "./testing.ts";

interface Row {
  readonly name: string;
  readonly status: number;
  readonly body: unknown;
  readonly code: ErrorCode;
  readonly says?: string;
}
const openai = (message: string, code: string | null, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});

const rows: readonly Row[] = [
  {
    name: "OpenAI: key",
    status: 401,
    body: openai("Incorrect API key provided: sk-secret", "invalid_api_key"),
    code: "upstream_authentication",
  },
  {
    name: "OpenAI: context",
    status: 400,
    body: openai("This model's maximum context length is 8192 tokens.", "context_length_exceeded"),
    code: "context_length_exceeded",
    says: "8192",
  },
  {
    name: "OpenAI: quota",
    status: 429,
    body: openai("You exceeded your current quota", "insufficient_quota", "insufficient_quota"),
    code: "insufficient_quota",
  },
  {
    name: "OpenAI: rate",
    status: 429,
    body: openai("Rate limit reached for tokens", "rate_limit_exceeded", "tokens"),
    code: "rate_limit_exceeded",
  },
  {
    name: "OpenAI: policy",
    status: 400,
    body: openai("Flagged", "content_policy_violation"),
    code: "content_policy_violation",
  },
  {
    name: "OpenAI: model",
    status: 404,
    body: openai("The model `x` does not exist", "model_not_found"),
    code: "model_not_found",
  },
  {
    name: "OpenAI: value",
    status: 400,
    body: openai("Unsupported value", "unsupported_value"),
    code: "upstream_rejected_request",
    says: "Unsupported value",
  },
  {
    name: "OpenAI: server",
    status: 500,
    body: openai("The server had an error", null, "server_error"),
    code: "upstream_error",
  },
  {
    name: "OpenAI: overloaded",
    status: 503,
    body: openai("The engine is currently overloaded", null),
    code: "upstream_overloaded",
  },
  {
    name: "xAI: text as error, with a key in it",
    status: 400,
    body: { code: "Client specified an invalid argument", error: "Incorrect API key provided: xa***secret" },
    code: "upstream_authentication",
  },
  {
    name: "xAI: credits",
    status: 403,
    body: { code: "forbidden", error: "Your team has used all available credits" },
    code: "insufficient_quota",
  },
  { name: "DeepSeek: balance", status: 402, body: openai("Insufficient Balance", null), code: "insufficient_quota" },
  {
    name: "Groq: retired model",
    status: 400,
    body: openai("The model has been decommissioned", "model_decommissioned"),
    code: "model_not_found",
  },
  {
    name: "Groq: capacity",
    status: 498,
    body: openai("Flex tier capacity exceeded", "capacity_exceeded"),
    code: "upstream_overloaded",
  },
  {
    name: "vLLM: context, by its words",
    status: 400,
    body: {
      object: "error",
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000",
      type: "BadRequestError",
      param: null,
      code: 400,
    },
    code: "context_length_exceeded",
  },
  {
    name: "llama.cpp: context",
    status: 400,
    body: {
      error: { code: 400, message: "the request exceeds the available context", type: "exceed_context_size_error" },
    },
    code: "context_length_exceeded",
  },
  {
    name: "Mistral: faults",
    status: 422,
    body: {
      object: "error",
      message: { detail: [{ type: "extra_forbidden", loc: ["body", "zz"], msg: "Extra inputs are not permitted" }] },
    },
    code: "upstream_rejected_request",
    says: "body.zz: Extra inputs are not permitted",
  },
  { name: "FastAPI: detail", status: 422, body: { detail: "no" }, code: "upstream_rejected_request", says: "no" },
  {
    name: "Cerebras: flat",
    status: 404,
    body: { message: "Model x does not exist", type: "not_found_error", param: "model", code: "model_not_found" },
    code: "model_not_found",
    says: "Model x",
  },
  {
    name: "OpenRouter: moderation",
    status: 403,
    body: { error: { code: 403, message: "Your input was flagged" } },
    code: "content_policy_violation",
  },
  { name: "text", status: 502, body: "Bad Gateway", code: "upstream_error", says: "Bad Gateway" },
  { name: "nothing", status: 418, body: undefined, code: "upstream_rejected_request" },
];

describe("a refusal", () => {
  for (const { name, status, body, code, says } of rows)
    test(name, () => {
      const error = decodeError(status, body, targetOf("m"));
      expect(error.code).toBe(code);
      expect(error.upstreamStatus).toBe(status);
      expect(error.provider).toBe("somewhere");
      expect(error.message).not.toContain("secret");
      if (says !== undefined) expect(error.message).toContain(says);
      if (status === 401 || status === 403) expect(error.message).not.toContain("flagged");
    });
  test("names the field", () => {
    const body = { error: { message: "no", param: "messages.0", code: null } };
    expect(decodeError(400, body, targetOf("m")).param).toBe("messages.0");
  });
});

describe("a failure within an answer", () => {
  const within: readonly (readonly [unknown, ErrorCode])[] = [
    [{ error: { code: 429, message: "Rate limited" } }, "rate_limit_exceeded"],
    [{ error: { code: 502, message: "Disconnected" } }, "upstream_error"],
    [{ error: { message: "boom" } }, "upstream_error"],
    [{ error: { message: "boom", type: "overloaded_error" } }, "upstream_overloaded"],
    [{ object: "error", message: "maximum context length is 5", code: 400 }, "context_length_exceeded"],
    [{ error: { code: 401, message: "secret" } }, "upstream_authentication"],
    ["text", "upstream_error"],
  ];
  for (const [body, code] of within)
    test(JSON.stringify(body), () => {
      const error = failureWithin("somewhere", body);
      expect(error.code).toBe(code);
      expect(error.upstreamStatus).toBeUndefined();
      expect(error.message).not.toContain("secret");
    });
});

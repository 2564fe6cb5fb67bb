import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { type ErrorCode, errorTable, GatewayError } from "../../core/errors.ts";
import { encodeAnthropicError } from "./errors.ts";

describe("encodeAnthropicError", () => {
  const cases: readonly [ErrorCode, number, string][] = [
    ["invalid_value", 400, "invalid_request_error"],
    ["missing_api_key", 401, "authentication_error"],
    ["permission_denied", 403, "permission_error"],
    ["model_not_found", 404, "not_found_error"],
    ["method_not_allowed", 405, "invalid_request_error"],
    ["conflict", 409, "conflict_error"],
    ["payload_too_large", 413, "request_too_large"],
    ["rate_limit_exceeded", 429, "rate_limit_error"],
    ["insufficient_quota", 429, "rate_limit_error"],
    ["internal_error", 500, "api_error"],
    ["upstream_authentication", 502, "api_error"],
    ["no_target_available", 503, "api_error"],
    ["upstream_timeout", 504, "timeout_error"],
    ["upstream_overloaded", 529, "overloaded_error"],
  ];
  test.each(cases)("shows %s as %i %s", (code, status, type) => {
    const error = new GatewayError(code, "What happened.");
    expect(encodeAnthropicError(error, "req-1")).toEqual({
      status,
      body: { type: "error", error: { type, message: "What happened.", code }, request_id: "req-1" },
    });
  });

  test("names the field at fault", () => {
    const error = new GatewayError("invalid_value", "Bad.", { param: "messages.0.role" });
    expect(encodeAnthropicError(error, "r").body["error"]).toMatchObject({ param: "messages.0.role" });
  });

  test("every code reaches the official client as an error of its status", async () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const { status, body } = encodeAnthropicError(new GatewayError(code, "What happened."), "req-1");
      const client = new Anthropic({ apiKey: "x", maxRetries: 0, fetch: async () => Response.json(body, { status }) });
      const params = { model: "m", max_tokens: 1, messages: [{ role: "user" as const, content: "hi" }] };
      const raised = await client.messages.create(params).catch((error: unknown) => error);
      expect(raised).toBeInstanceOf(Anthropic.APIError);
      expect(raised).toMatchObject({ status, error: body });
    }
  });
});

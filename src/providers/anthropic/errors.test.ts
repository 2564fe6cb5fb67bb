import { describe, expect, test } from "bun:test";
import { decodeError } from "./errors.ts";
import { targetOf } from "./fixtures/requests.ts";

const error = (type: string, message: string) => ({ type: "error", error: { type, message }, request_id: "req_1" });

describe("refusals", () => {
  test.each([
    [400, error("invalid_request_error", "messages.0.content: Field required"), "upstream_rejected_request"],
    [
      400,
      error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      "context_length_exceeded",
    ],
    [
      400,
      error("invalid_request_error", "input length and `max_tokens` exceed context limit: 199000 + 8000"),
      "context_length_exceeded",
    ],
    [400, error("invalid_request_error", "Your credit balance is too low to access the API."), "insufficient_quota"],
    [400, error("invalid_request_error", "Output blocked by content filtering policy"), "content_policy_violation"],
    [401, error("authentication_error", "invalid x-api-key sk-ant-secret"), "upstream_authentication"],
    [402, error("billing_error", "Payment failed."), "insufficient_quota"],
    [402, "Payment required", "insufficient_quota"],
    [403, error("permission_error", "Not with this key sk-ant-secret"), "upstream_authentication"],
    [404, error("not_found_error", "model: claude-none"), "model_not_found"],
    [413, error("request_too_large", "Request exceeds the maximum size"), "context_length_exceeded"],
    [429, error("rate_limit_error", "Too many requests"), "rate_limit_exceeded"],
    [500, error("api_error", "Internal server error"), "upstream_error"],
    [504, error("timeout_error", "Timed out"), "upstream_error"],
    [529, error("overloaded_error", "Overloaded"), "upstream_overloaded"],
    [502, "<html>Bad gateway</html>", "upstream_error"],
    [503, undefined, "upstream_overloaded"],
  ] as const)("%d %j", (status, body, code) => {
    const decoded = decodeError(status, body, targetOf("claude"));
    expect(decoded).toMatchObject({ code, provider: "anthropic", upstreamStatus: status });
    expect(decoded.message).not.toContain("sk-ant-secret");
  });

  test("the field at fault is named", () => {
    const decoded = decodeError(
      400,
      error("invalid_request_error", "messages.0.content: Field required"),
      targetOf("c"),
    );
    expect(decoded.param).toBe("messages.0.content");
    expect(decoded.message).toContain("Field required");
  });
});

import { describe, expect, test } from "bun:test";
import { chatOf, fixtureJson, provider, target } from "./testing.ts";

const decode = (status: number, body: unknown) =>
  chatOf(provider).decodeError(status, body, target("gemini-2.5-flash"));
const error = (status: string, message = "m", details: readonly unknown[] = []) => ({
  error: { message, status, details },
});
const tooLong = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";

describe("decode errors", () => {
  const cases: readonly (readonly [string, number, unknown, string])[] = [
    ["a bad request", 400, error("INVALID_ARGUMENT"), "upstream_rejected_request"],
    ["a long prompt", 400, error("INVALID_ARGUMENT", tooLong), "context_length_exceeded"],
    ["a large body", 400, error("INVALID_ARGUMENT", "Request payload size exceeds the limit"), "payload_too_large"],
    ["a bad key", 400, error("INVALID_ARGUMENT", "API key not valid."), "upstream_authentication"],
    [
      "a bad key by reason",
      400,
      error("INVALID_ARGUMENT", "m", [{ reason: "API_KEY_INVALID" }]),
      "upstream_authentication",
    ],
    ["no billing", 400, error("FAILED_PRECONDITION", "Please enable billing on your project"), "insufficient_quota"],
    ["no permission", 403, error("PERMISSION_DENIED"), "upstream_authentication"],
    ["no such model", 404, error("NOT_FOUND"), "model_not_found"],
    ["a rate", 429, error("RESOURCE_EXHAUSTED"), "rate_limit_exceeded"],
    ["a quota of the day", 429, fixtureJson("quota.json"), "insufficient_quota"],
    ["no quota", 429, error("RESOURCE_EXHAUSTED", "Quota exceeded, limit: 0, model: x"), "insufficient_quota"],
    [
      "a quota whose name no text can be made of",
      429,
      error("RESOURCE_EXHAUSTED", "m", [{ violations: [{ quotaId: { toString: 1 } }] }]),
      "rate_limit_exceeded",
    ],
    ["a fault", 500, error("INTERNAL"), "upstream_error"],
    ["overload", 503, error("UNAVAILABLE"), "upstream_overloaded"],
    ["a deadline", 504, error("DEADLINE_EXCEEDED"), "upstream_error"],
    ["an array", 503, [error("UNAVAILABLE")], "upstream_overloaded"],
    ["text", 502, "<html>", "upstream_error"],
    ["nothing", 429, undefined, "rate_limit_exceeded"],
    ["an unknown status", 400, error("SOMETHING_NEW"), "upstream_rejected_request"],
  ];
  test.each(cases)("%s", (_name, status, body, code) => {
    const decoded = decode(status, body);
    expect(decoded.code).toBe(code as "upstream_error");
    expect(decoded.upstreamStatus).toBe(status);
    expect(decoded.provider).toBe("google");
  });

  test("says how long to wait", () => {
    expect(decode(429, fixtureJson("quota.json")).retryAfterMilliseconds).toBe(22_000);
    expect(decode(429, error("RESOURCE_EXHAUSTED", "m", [{ retryDelay: "1.5s" }])).retryAfterMilliseconds).toBe(1_500);
    expect(decode(429, error("RESOURCE_EXHAUSTED", "m", [{ retryDelay: 3 }])).retryAfterMilliseconds).toBeUndefined();
  });

  test("a refused key is not repeated", () => {
    expect(decode(400, error("INVALID_ARGUMENT", "API key not valid: AIzaSecret")).message).not.toContain("AIzaSecret");
  });
});

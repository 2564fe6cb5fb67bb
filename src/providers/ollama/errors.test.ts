import { describe, expect, test } from "bun:test";
import { served, target } from "./testing.ts";

describe("decode errors", () => {
  const cases: readonly (readonly [number, unknown, string])[] = [
    [400, { error: "missing request body" }, "upstream_rejected_request"],
    [400, { error: "the input length exceeds the context length" }, "context_length_exceeded"],
    [
      400,
      { error: "request (9000 tokens) exceeds the available context size (4096 tokens)" },
      "context_length_exceeded",
    ],
    [400, { error: '"gemma:2b" does not support thinking' }, "unsupported_parameter"],
    [401, { error: "unauthorized", signin_url: "https://a.example/?key=s3cret" }, "upstream_authentication"],
    [403, { error: "quota" }, "upstream_authentication"],
    [404, { error: "model 'x' not found" }, "model_not_found"],
    [429, { error: "too many concurrent requests" }, "rate_limit_exceeded"],
    [429, { error: "you've reached your weekly usage limit" }, "insufficient_quota"],
    [500, { error: "model requires more system memory (8 GiB) than is available" }, "upstream_overloaded"],
    [500, { error: "llama runner process has terminated" }, "upstream_error"],
    [500, { error: { message: "out of memory" } }, "upstream_overloaded"],
    [502, "<html>", "upstream_error"],
    [503, { error: "server busy, please try again.  maximum pending requests exceeded" }, "upstream_overloaded"],
    [500, null, "upstream_error"],
  ];
  test.each(cases)("%p %j", (status, body, code) => {
    const decoded = served().chat.decodeError(status, body, target());
    expect(decoded.code).toBe(code as "upstream_error");
    expect(decoded.upstreamStatus).toBe(status);
    expect(decoded.message).not.toContain("s3cret");
  });
});

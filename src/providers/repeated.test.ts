import { describe, expect, test } from "bun:test";
import { GatewayError } from "../core/errors.ts";
import type { WireRequest } from "../core/ports/transport.ts";
import { withoutRepeats } from "./repeated.ts";

const sent = {
  url: "https://example.org/v1",
  headers: {
    authorization: "Bearer the-key-of-the-provider",
    "x-team-token": "configured-by-hand",
    "content-type": "application/json",
    "x-short": "abc",
  },
} as unknown as WireRequest;
const request = { model: "gpt", messages: [{ role: "user", content: "my diagnosis is confidential" }] };
const failure = (message: string, param?: string) =>
  new GatewayError("upstream_rejected_request", message, {
    provider: "lab",
    upstreamStatus: 400,
    retryAfterMilliseconds: 7,
    ...(param === undefined ? {} : { param }),
  });
const clean = (thrown: unknown) => withoutRepeats(thrown, sent, request);

describe("an error with a provider's words", () => {
  test.each([
    ["of the provider's own", "max_tokens is too large", "max_tokens is too large", "max_tokens is too large"],
    ["with its key", "bad key the-key-of-the-provider", "bad key [secret]", "bad key [secret]"],
    ["with a configured header", "got configured-by-hand", "got [secret]", "got [secret]"],
    ["with what every request holds", "application/json, abc", "application/json, abc", "application/json, abc"],
    [
      "with the caller's",
      "flagged: 'my diagnosis is confidential'",
      "flagged: 'my diagnosis is confidential'",
      "flagged: '[…]'",
    ],
  ])("%s: told as %p", (_, message, told, recorded) => {
    expect(clean(failure(message))).toMatchObject({
      ...{ code: "upstream_rejected_request", message: told, recorded },
      ...{ provider: "lab", upstreamStatus: 400, retryAfterMilliseconds: 7 },
    });
  });

  test("its param is cleaned too", () => {
    expect(clean(failure("no", "the-key-of-the-provider"))).toMatchObject({ param: "[secret]" });
  });

  test("what repeats nothing is the same object, as is what is no error of ours", () => {
    const error = failure("no");
    expect(clean(error)).toBe(error);
    const other = new TypeError("my diagnosis is confidential");
    expect(clean(other)).toBe(other);
  });
});

import { expect, test } from "bun:test";
import { maskTokens } from "./mask-secrets.ts";

test.each([
  ["/v1/models/Canary4key4of4a4stranger4ff66", "/v1/models/[…]"],
  ["Unknown field 'a1b2c3d4e5f6a7b8c9d0'. Remove it.", "Unknown field '[…]'. Remove it."],
  ["/admin/v1/keys/key_vFK4Y7XjYAwD0000000/revoke", "/admin/v1/keys/key_vFK4Y7XjYAwD0000000/revoke"],
  ["claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20241022"],
  ["/v1/chat/completions", "/v1/chat/completions"],
  ["max_completion_tokens_are_not_known", "max_completion_tokens_are_not_known"],
  ["12345678901234567890123", "12345678901234567890123"],
  ["", ""],
])("%j without tokens is %j", (text, expected) => {
  expect(maskTokens(text)).toBe(expected);
});

import { describe, expect, test } from "bun:test";
import { weaknessOf } from "./weak-secret.ts";

describe("a secret", () => {
  test.each([
    ["", "empty"],
    ["  ", "empty"],
    ["changeme", "examples"],
    ["Change-Me!", "examples"],
    ["password123", "examples"],
    ["your-api-key-here", "examples"],
    ["YOUR_API_KEY", "examples"],
    ["<your key>", "a place"],
    [`$${"{OPENAI_API_KEY}"}`, "a place"],
    ["0000000000000000", "different"],
    ["1234567890123456", "different"],
    ["abababababababababab", "different"],
    ["k3y", "different"],
    ["k3yz9q", "characters"],
  ])("%j is weak, and is not repeated", (secret, reason) => {
    const weakness = weaknessOf(secret) ?? "";
    expect(weakness).toContain(reason);
    if (secret.trim() !== "") expect(weakness).not.toContain(secret);
  });

  test.each(["sk-proj-4f8Kx02mPqLw", "correct horse battery staple", "3q2+7w==9fKdLs0", "Tr0ub4dor&3x"])(
    "%j is not",
    (secret) => {
      expect(weaknessOf(secret)).toBeUndefined();
    },
  );
});

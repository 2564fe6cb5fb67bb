import { describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { z } from "zod";
import { isSecretSchema, parseSecretReference, Secret, secret } from "./secret.ts";

describe("Secret", () => {
  const value = new Secret("hunter2");
  const prints: readonly [string, string][] = [
    ["a template", `${value}`],
    ["String()", String(value)],
    ["JSON", JSON.stringify({ value, list: [value] })],
    ["inspect", inspect({ value })],
    ["Bun.inspect", Bun.inspect({ value })],
    ["keys", Object.entries(value).join()],
    ["a spread", JSON.stringify({ ...value })],
  ];
  for (const [how, printed] of prints)
    test(`${how} does not show it`, () => {
      expect(printed).not.toContain("hunter2");
    });
  test("reveal gives it", () => {
    expect(value.reveal()).toBe("hunter2");
  });
});

describe("the schema of a secret", () => {
  test("wraps text", () => {
    const parsed = z.strictObject({ key: secret() }).parse({ key: "hunter2" });
    expect(parsed.key).toBeInstanceOf(Secret);
    expect(parsed.key.reveal()).toBe("hunter2");
  });

  for (const wrong of [123456, { deep: "s3cr3t" }, "", "env:S3CR3T", "file:/s3cr3t", null])
    test(`refuses ${JSON.stringify(wrong)} without repeating it`, () => {
      const result = secret().safeParse(wrong);
      expect(result.success).toBe(false);
      expect(result.error?.message).not.toMatch(/s3cr3t|123456/i);
    });

  const recognised: readonly [string, z.core.$ZodType, boolean][] = [
    ["itself", secret(), true],
    ["with a description", secret().describe("a key"), true],
    ["a string", z.string(), false],
    ["another pipe", z.string().transform((text) => new Secret(text)), false],
  ];
  for (const [what, schema, expected] of recognised)
    test(`${what} ${expected ? "is" : "is not"} recognised`, () => {
      expect(isSecretSchema(schema)).toBe(expected);
    });
});

describe("references", () => {
  const cases = [
    ["env:OPENAI_API_KEY", { kind: "env", name: "OPENAI_API_KEY" }],
    ["file: /run/secrets/key", { kind: "file", name: "/run/secrets/key" }],
    ["env:", { kind: "env", name: "" }],
    ["sk-abc", undefined],
    ["environment", undefined],
    ["ENV:X", undefined],
  ] as const;
  for (const [text, expected] of cases)
    test(text, () => {
      expect(parseSecretReference(text)).toEqual(expected);
    });
});

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { corrections, correctSchemas } from "./corrections.ts";
import { extractPath, extractSchemas, readSpecification, roots } from "./extract.ts";
import { toJsonSchema } from "./to-json-schema.ts";

test("the committed extract is what the specification yields", () => {
  const committed: unknown = JSON.parse(readFileSync(extractPath, "utf8"));
  expect(committed).toEqual(extractSchemas(readSpecification(), roots));
}, 60_000);

describe("extractSchemas", () => {
  test("follows references, also circular ones, and drops documentation but no property of that name", () => {
    const reference = { $ref: "#/components/schemas/Tree" };
    const specification = {
      Leaf: { type: "string", example: "green", "x-order": 1 },
      Tree: {
        description: "Branches.",
        properties: { description: { $ref: "#/components/schemas/Leaf" }, children: { items: reference } },
      },
      Unrelated: {},
    };
    expect(extractSchemas(specification, ["Tree"])).toEqual({
      Leaf: { type: "string" },
      Tree: { properties: { description: { $ref: "#/components/schemas/Leaf" }, children: { items: reference } } },
    });
  });

  test("throws for a schema that the specification lacks", () => {
    expect(() => extractSchemas({}, ["Tree"])).toThrow("no schema Tree");
  });
});

describe("toJsonSchema", () => {
  const check = (name: string, component: object, expected: object): void =>
    test(name, () => {
      expect(toJsonSchema({ Component: component })).toEqual({ Component: expected });
    });

  check("nullable beside enum", { enum: ["a"], nullable: true }, { anyOf: [{ enum: ["a"] }, { type: "null" }] });
  check(
    "a property called nullable",
    { properties: { nullable: { type: "boolean" } } },
    { properties: { nullable: { type: "boolean" } } },
  );
  check("closed objects open", { items: { additionalProperties: false } }, { items: {} });
  check(
    "typed additional properties stay",
    { additionalProperties: { type: "string", nullable: false } },
    { additionalProperties: { type: "string" } },
  );
  check(
    "recursive reference",
    { $recursiveAnchor: true, items: { $recursiveRef: "#" } },
    { items: { $ref: "#/components/schemas/Component" } },
  );
});

test("a correction that points at nothing is an error", () => {
  expect(() => correctSchemas({})).toThrow(corrections[0]?.at.split("/")[0]);
});

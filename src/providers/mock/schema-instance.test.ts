import { describe, expect, test } from "bun:test";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { JsonObject } from "../../core/json.ts";
import { instanceOf } from "./schema-instance.ts";

const schemas: readonly JsonObject[] = [
  {},
  { type: "string" },
  { type: "string", minLength: 12 },
  { type: "string", maxLength: 3 },
  { type: "string", format: "date-time" },
  { type: "string", format: "uuid" },
  { type: "string", format: "email" },
  { type: "integer", minimum: 7, maximum: 9 },
  { type: "integer", exclusiveMinimum: 7 },
  { type: "integer", maximum: -3 },
  { type: "integer", exclusiveMaximum: -3 },
  { type: "number", minimum: 0.1, maximum: 0.2 },
  { type: "number", multipleOf: 0.25, exclusiveMinimum: 1 },
  { type: "integer", multipleOf: 5, minimum: 12 },
  { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 0.5 },
  { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
  { type: "boolean" },
  { type: "null" },
  { type: ["string", "null"] },
  { const: { a: 1 } },
  { enum: ["x", 2] },
  { anyOf: [{ type: "integer" }, { type: "string" }] },
  { oneOf: [{ type: "object", properties: { kind: { const: "a" } }, required: ["kind"] }, { type: "null" }] },
  {
    allOf: [
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      { required: ["b"], properties: { b: { type: "integer" } } },
    ],
  },
  { type: "array", items: { type: "boolean" }, minItems: 3 },
  { type: "array", maxItems: 0, items: { type: "string" } },
  { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] },
  {
    type: "object",
    properties: {
      name: { type: "string" },
      tags: { type: "array", items: { enum: ["a"] } },
      at: { $ref: "#/$defs/place" },
    },
    required: ["name", "at"],
    additionalProperties: false,
    $defs: { place: { type: "object", properties: { lat: { type: "number" } }, required: ["lat"] } },
  },
  {
    type: "object",
    properties: {
      value: { type: "integer" },
      next: { anyOf: [{ $ref: "#" }, { type: "null" }] },
      children: { type: "array", items: { $ref: "#" } },
    },
    required: ["value", "next", "children"],
    additionalProperties: false,
  },
];

describe("an instance of a schema", () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  for (const schema of schemas)
    test(JSON.stringify(schema).slice(0, 90), () => {
      const value = instanceOf(schema);
      expect(ajv.validate(schema, value) || ajv.errorsText()).toBe(true);
      expect(instanceOf(schema)).toEqual(value);
    });

  test("of a schema that only holds itself comes to an end", () => {
    expect(instanceOf({ type: "object", properties: { a: { $ref: "#" } }, required: ["a"] })).toBeObject();
    expect(instanceOf({ $ref: "#" })).toBeNull();
    const twice = { type: "object", properties: { a: { $ref: "#" }, b: { $ref: "#" } }, required: ["a", "b"] };
    expect(JSON.stringify(instanceOf(twice)).length).toBeLessThan(100_000);
    expect(instanceOf({ type: "string", minLength: 1e12 })).toHaveLength(10_000);
    expect(instanceOf({ $ref: "#/%zz" })).toBeNull();
  });
});

import { describe, expect, test } from "bun:test";
import Ajv from "ajv";
import {
  type Arbitrary,
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  letrec,
  oneof,
  option,
  property,
  record,
} from "fast-check";
import type { JsonValue } from "../../../../core/json.ts";
import { matchesSchema, type SchemaVerdict } from "./matches-schema.ts";

const person = {
  type: "object",
  properties: { name: { type: "string", minLength: 1 }, age: { type: "integer", minimum: 0 } },
  required: ["name"],
  additionalProperties: false,
};
const tree = {
  $ref: "#/$defs/node",
  $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["id"] } },
};

const cases: readonly (readonly [what: string, text: string, schema: JsonValue, verdict: SchemaVerdict])[] = [
  ["an object", '{"name":"a","age":3}', person, "valid"],
  ["a field missing", '{"age":3}', person, "invalid"],
  ["a field too many", '{"name":"a","x":1}', person, "invalid"],
  ["a field of every object's", '{"name":"a","toString":1}', person, "invalid"],
  ["half an integer", '{"name":"a","age":0.5}', person, "invalid"],
  ["no JSON", "name: a", person, "invalid"],
  ["words around JSON", 'Here: {"name":"a"}', person, "invalid"],
  ["a reference to itself", '{"id":1,"next":{"id":2}}', tree, "valid"],
  ["a fault below a reference", '{"id":1,"next":{}}', tree, "invalid"],
  ["a reference that never ends", "1", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } }, "unknown"],
  ["a reference elsewhere", "1", { $ref: "https://example.com/s" }, "unknown"],
  ["a reference to nothing", "1", { $ref: "#/$defs/constructor" }, "unknown"],
  ["an expression", '"a"', { type: "string", pattern: "(a+)+$" }, "unknown"],
  ["an expression for another type", "1", { pattern: "(a+)+$" }, "valid"],
  ["a keyword that is not known", "1", { type: "integer", unevaluatedProperties: false }, "unknown"],
  ["a type that there is not", "1", { type: "constructor" }, "unknown"],
  ["characters, not code units", '"😀"', { maxLength: 1 }, "valid"],
  ["a bound that is no number", "1", { minimum: "0" }, "unknown"],
  ["more than can be judged", JSON.stringify(Array(30_000).fill(1)), { items: { type: "integer" } }, "unknown"],
];

describe("JSON by its schema", () => {
  for (const [what, text, schema, verdict] of cases)
    test(`${what}: ${verdict}`, () => expect(matchesSchema(text, schema)).toBe(verdict));

  test("is judged as a full validator does", () => {
    const names = constantFrom("a", "b", "c");
    const small = integer({ min: -1, max: 3 });
    const { schema } = letrec<{ schema: JsonValue }>((tie) => ({
      schema: oneof(
        { maxDepth: 3 },
        constantFrom<JsonValue>(true, { type: "string" }, { type: ["integer", "null"] }, { enum: ["a", 1, null] }),
        record({ type: constantFrom("number", "integer"), minimum: small, maximum: small }, { requiredKeys: [] }),
        record({ minLength: integer({ min: 0, max: 2 }), maxLength: integer({ min: 0, max: 2 }) }),
        record({ type: constantFrom("array"), items: tie("schema"), minItems: integer({ min: 0, max: 2 }) }),
        record(
          {
            type: constantFrom("object"),
            properties: dictionary(names, tie("schema"), { maxKeys: 2 }),
            required: option(constantFrom<JsonValue>(["a"], ["a", "b"], []), { nil: [] }),
            additionalProperties: tie("schema"),
          },
          { requiredKeys: ["type"] },
        ),
        record({ anyOf: array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
        record({ oneOf: array(tie("schema"), { minLength: 1, maxLength: 2 }), not: tie("schema") }),
      ) as Arbitrary<JsonValue>,
    }));
    const { value } = letrec<{ value: JsonValue }>((tie) => ({
      value: oneof(
        { maxDepth: 3 },
        constantFrom<JsonValue>("a", "", "bc", null, 1, 0, 2.5, true),
        array(tie("value"), { maxLength: 2 }),
        dictionary(names, tie("value"), { maxKeys: 3 }),
      ) as Arbitrary<JsonValue>,
    }));
    const full = new Ajv({ strict: false });
    assert(
      property(schema, value, (by, given) => {
        const expected = full.validate(by as object | boolean, given) ? "valid" : "invalid";
        expect(matchesSchema(JSON.stringify(given), by)).toBe(expected);
      }),
      { seed: 31, numRuns: 400 },
    );
  });
});

import { z } from "zod";
import { isSecretSchema } from "../core/secret.ts";
import { isTree } from "./tree.ts";

/** What a schema allows at one place; the members of a union stand side by side. */
export type Alternatives = readonly z.core.$ZodType[];

/** The definition as the schema library's own traversals read it: a tagged union of all kinds of schema. */
const definitionOf = (schema: z.core.$ZodType): z.core.$ZodTypes["_zod"]["def"] =>
  (schema as z.core.$ZodTypes)._zod.def;

/** Where a union is told apart by a field, only the members that the value's field allows; else all of them. */
const membersFor = (union: z.core.$ZodUnionDef, value: unknown): Alternatives => {
  const discriminator = "discriminator" in union ? union.discriminator : undefined;
  if (typeof discriminator !== "string" || !isTree(value)) return union.options;
  const fitting = union.options.filter((option) =>
    alternativesOf(option).some((alternative) => {
      const field = fieldOf(alternative, discriminator);
      return field?._zod.values?.has(value[discriminator] as z.core.util.Primitive) === true;
    }),
  );
  return fitting.length > 0 ? fitting : union.options;
};

const fieldOf = (schema: z.core.$ZodType, key: string): z.core.$ZodType | undefined => {
  const definition = definitionOf(schema);
  if (definition.type !== "object" || !Object.hasOwn(definition.shape, key)) return undefined;
  return definition.shape[key];
};

/** The schemas that a value of this schema may match, without the wrappers (optional, default, lazy …) around them. */
export const alternativesOf = (schema: z.core.$ZodType, value?: unknown): Alternatives => {
  if (isSecretSchema(schema)) return [schema];
  const definition = definitionOf(schema);
  switch (definition.type) {
    case "nullable":
      return [...alternativesOf(definition.innerType, value), z.null()];
    case "optional":
    case "default":
    case "prefault":
    case "readonly":
    case "nonoptional":
    case "catch":
      return alternativesOf(definition.innerType, value);
    case "pipe":
      return alternativesOf(definition.in._zod.def.type === "transform" ? definition.out : definition.in, value);
    case "lazy":
      return alternativesOf(definition.getter(), value);
    case "union":
      return membersFor(definition, value).flatMap((option) => alternativesOf(option, value));
    case "intersection":
      return [...alternativesOf(definition.left, value), ...alternativesOf(definition.right, value)];
    default:
      return [schema];
  }
};

/** What may stand below one step of a path; empty where nothing may. `value` is what stands there, where that is known. */
export const childrenOf = (parents: Alternatives, step: string | number, value?: unknown): Alternatives =>
  parents.flatMap((parent) => {
    const definition = definitionOf(parent);
    let child: z.core.$ZodType | undefined;
    if (definition.type === "object") child = fieldOf(parent, String(step)) ?? definition.catchall;
    else if (definition.type === "record") child = definition.valueType;
    else if (definition.type === "array") child = definition.element;
    else if (definition.type === "tuple" && typeof step === "number") child = definition.items[step];
    return child === undefined || child._zod.def.type === "never" ? [] : alternativesOf(child, value);
  });

/** The keys that an object may have here; undefined where any key may be, or where it may not be an object. */
export const keysOf = (alternatives: Alternatives): readonly string[] | undefined => {
  const keys = new Set<string>();
  let isObject = false;
  for (const alternative of alternatives) {
    const definition = definitionOf(alternative);
    if (["record", "any", "unknown", "custom", "transform"].includes(definition.type)) return undefined;
    if (definition.type !== "object") continue;
    if (definition.catchall !== undefined && definition.catchall._zod.def.type !== "never") return undefined;
    isObject = true;
    for (const key of Object.keys(definition.shape)) keys.add(key);
  }
  return isObject ? [...keys] : undefined;
};

/** The kinds of schema that may match here, as the library names them (`string`, `object`, `enum` …). */
export const kindsOf = (alternatives: Alternatives): ReadonlySet<string> =>
  new Set(alternatives.map((alternative) => (isSecretSchema(alternative) ? "string" : definitionOf(alternative).type)));

/** The fixed values that may stand here: those of enumerations and literals. */
export const choicesOf = (alternatives: Alternatives): readonly unknown[] =>
  alternatives.flatMap((alternative) => {
    const { type } = definitionOf(alternative);
    return type === "enum" || type === "literal" ? [...(alternative._zod.values ?? [])] : [];
  });

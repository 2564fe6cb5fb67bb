import type { z } from "zod";
import { nearest } from "../core/nearest.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problem.ts";
import { isTree, valueAt } from "./tree.ts";

const nouns: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "an integer",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

const noun = (type: string): string => nouns[type] ?? type;

const kindOfValue = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isTree(value)) return "an object";
  if (value instanceof Date) return "a date";
  return noun(typeof value);
};

/** A value as an error may show it: short, on one line, and without the credentials of a URL. */
const show = (value: unknown): string => {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return kindOfValue(value);
  const masked = value.replace(/:\/\/[^/@\s]*@/g, "://[secret]@");
  return JSON.stringify(masked.length > 60 ? `${masked.slice(0, 60)}…` : masked);
};

const oneOf = (values: readonly unknown[]): string => {
  const shown = values.map((value) => (typeof value === "string" ? `'${value}'` : String(value)));
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(", ")}`;
};

const expectation = (expected: string, value: unknown, shown = show(value)): string =>
  value === undefined ? `is required (expected ${expected})` : `expected ${expected}, got ${shown}`;

// What stands in the place of an object may be a secret, or JSON that holds one.
const containers: ReadonlySet<string> = new Set(["object", "record", "array", "tuple"]);

const sizeUnit = (origin: string): string => {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "set" ? " items" : "";
};

const bound = (origin: string, limit: string, input: unknown): string => {
  const unit = sizeUnit(origin);
  return unit === "" ? `expected ${limit}, got ${show(input)}` : `expected ${limit}${unit}`;
};

/** The loader's wording of what a schema found, as the schema library asks for it; messages of the schema's own win. */
export const describeIssue = (issue: z.core.$ZodRawIssue): string | undefined => {
  const { input } = issue;
  switch (issue.code) {
    case "invalid_type":
      return expectation(
        noun(issue.expected),
        input,
        containers.has(issue.expected) ? kindOfValue(input) : show(input),
      );
    case "invalid_value":
      return expectation(oneOf(issue.values), input);
    case "invalid_union": {
      if (!Array.isArray(issue["options"]) || typeof issue.discriminator !== "string") return undefined;
      // A member whose field may be absent has that among its options.
      return expectation(
        oneOf(issue["options"].filter((option) => option !== undefined)),
        valueAt(input, [issue.discriminator]),
      );
    }
    case "too_small":
      return bound(issue.origin, `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`, input);
    case "too_big":
      return bound(issue.origin, `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`, input);
    case "not_multiple_of":
      return `expected a multiple of ${issue.divisor}, got ${show(input)}`;
    case "invalid_format":
      return `expected ${issue.format === "regex" ? `text that matches ${issue.pattern}` : `a valid ${issue.format}`}, got ${show(input)}`;
    default:
      return undefined;
  }
};

const toPath = (path: readonly PropertyKey[]): Path =>
  path.map((step) => (typeof step === "number" ? step : String(step)));

const valueSuggestion = (values: readonly unknown[], value: unknown): { suggestion?: string } => {
  if (typeof value !== "string") return {};
  const [suggestion] = nearest(
    value,
    values.filter((choice) => typeof choice === "string"),
  );
  return suggestion === undefined ? {} : { suggestion };
};

/** Of a union that nothing matched, the member that came closest: one whose own kind was right. */
const closestMember = (issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined =>
  issue.errors
    .filter((member) =>
      member.every((nested) => nested.path.length > 0 || !/^invalid_(type|value)$/.test(nested.code ?? "")),
    )
    .sort((a, b) => a.length - b.length)[0];

const describeUnion = (issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): readonly Finding[] => {
  const value = valueAt(root, path);
  if ("options" in issue && issue.options !== undefined)
    return [{ path, message: issue.message, ...valueSuggestion(issue.options, value) }];
  const closest = closestMember(issue);
  if (closest !== undefined) return closest.flatMap((nested) => issueToFindings(nested, root, path));
  const first = issue.errors.flatMap((member) => member.slice(0, 1));
  const choices = first.flatMap((nested) => (nested.code === "invalid_value" ? nested.values : []));
  const kinds = first.flatMap((nested) => (nested.code === "invalid_type" ? [noun(nested.expected)] : []));
  const expected = [...new Set([...(choices.length > 0 ? [oneOf(choices)] : []), ...kinds])].join(" or ");
  const got =
    value === undefined ? `is required (expected ${expected})` : `expected ${expected}, got ${kindOfValue(value)}`;
  return [{ path, message: expected === "" ? issue.message : got, ...valueSuggestion(choices, value) }];
};

/** One issue of the schema library as findings; unions are reduced to what most likely was meant. */
export const issueToFindings = (issue: z.core.$ZodIssue, root: unknown, base: Path = []): readonly Finding[] => {
  const path = [...base, ...toPath(issue.path)];
  switch (issue.code) {
    case "invalid_union":
      return describeUnion(issue, path, root);
    case "invalid_value":
      return [{ path, message: issue.message, ...valueSuggestion(issue.values, valueAt(root, path)) }];
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], message: "unknown key" }));
    case "invalid_key":
      return [{ path, message: `this name is not allowed: ${issue.issues[0]?.message ?? issue.message}` }];
    default:
      return [{ path, message: issue.message }];
  }
};

import type { Path } from "./path.ts";
import type { Finding } from "./problem.ts";

/** An object of the configuration before its schema was applied. */
export interface Tree {
  [key: string]: unknown;
}

const deepest = 64;
const mostValues = 200_000;
const forbiddenKeys = new Set(["__proto__", "constructor"]);

/** True for plain objects; dates and other instances are values. */
export const isTree = (value: unknown): value is Tree => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

/**
 * A copy that shares nothing with the parser's result: aliases become copies, cycles and floods end at a limit, and
 * keys that could reach a prototype are refused.
 */
export const copyTree = (value: unknown, findings: Finding[]): unknown => {
  let values = 0;
  const refuse = (path: Path, message: string): undefined => {
    if (!findings.some((finding) => finding.message === message)) findings.push({ path, message });
  };
  const copy = (node: unknown, path: Path): unknown => {
    values += 1;
    if (values > mostValues) return refuse([], `has more than ${mostValues} values; is an alias repeated in it?`);
    if (path.length > deepest) return refuse(path.slice(0, 3), `is nested more than ${deepest} levels deep`);
    if (Array.isArray(node)) return node.map((item, index) => copy(item, [...path, index]));
    if (!isTree(node)) return node;
    const result: Tree = {};
    for (const key of Object.keys(node)) {
      if (forbiddenKeys.has(key)) refuse([...path, key], `the key '${key}' is not allowed`);
      else result[key] = copy(node[key], [...path, key]);
    }
    return result;
  };
  return copy(value, []);
};

/** Every value that is not itself a non-empty object or list, with its path. */
export const leavesOf = (value: unknown, path: Path = []): readonly { path: Path; value: unknown }[] => {
  if (Array.isArray(value) && value.length > 0)
    return value.flatMap((item: unknown, index) => leavesOf(item, [...path, index]));
  if (isTree(value)) {
    const keys = Object.keys(value);
    if (keys.length > 0) return keys.flatMap((key) => leavesOf(value[key], [...path, key]));
  }
  return [{ path, value }];
};

/** The value at a path; undefined where there is none. */
export const valueAt = (root: unknown, path: Path): unknown => {
  let node = root;
  for (const step of path) {
    if (Array.isArray(node) && typeof step === "number") node = node[step];
    else if (isTree(node) && Object.hasOwn(node, step)) node = node[step];
    else return undefined;
  }
  return node;
};

/** The tree with `value` laid over it at `path`: objects are merged, everything else is replaced. */
export const overlay = (base: unknown, path: Path, value: unknown): unknown => {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (!isTree(base) || !isTree(value)) return value;
    return Object.keys(value).reduce<unknown>((merged, key) => overlay(merged, [key], value[key]), base);
  }
  if (Array.isArray(base) && typeof step === "number")
    return base.map((item: unknown, index) => (index === step ? overlay(item, rest, value) : item));
  const parent = isTree(base) ? base : {};
  const before = Object.hasOwn(parent, step) ? parent[step] : undefined;
  return { ...parent, [step]: overlay(before, rest, value) };
};

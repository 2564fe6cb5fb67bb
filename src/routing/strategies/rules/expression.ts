import { type ASTNode, Environment, EvaluationError, ParseError, TypeError as TypeFault } from "@marcbachmann/cel-js";
import type { RuleContext } from "./rule-context.ts";

/** What is wrong with an expression, for people, with where it stands in it. */
export class ExpressionFault extends Error {
  override readonly name = "ExpressionFault";
}

/** A condition on a call. Throws {@link ExpressionFault} where it cannot be evaluated for this one. */
export type Condition = (context: RuleContext) => boolean;

const mostCharacters = 2_000;

const words = /[\p{L}\p{N}_]/u;

/** Whether a word stands in a text as a word of its own. */
const containsWord = (text: string, word: string): boolean => {
  if (word === "") return false;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? "", text[at + word.length] ?? ""];
    if (!words.test(before) && !words.test(after)) return true;
  }
  return false;
};

/**
 * The Common Expression Language, as far as it ends soon whatever the request holds: it has no loops but over lists, and
 * there is no list longer than some dozens here.
 */
const environment = new Environment({
  limits: { maxAstNodes: 300, maxDepth: 24, maxListElements: 100, maxMapEntries: 16, maxCallArguments: 4 },
})
  .registerVariable("text", "string")
  .registerVariable("system", "string")
  .registerVariable("taskKind", "string")
  .registerVariable("complexity", "string")
  .registerVariable("length", "int")
  .registerVariable("tokens", "int")
  .registerVariable("messages", "int")
  .registerVariable("hasTools", "bool")
  .registerVariable("hasImages", "bool")
  .registerVariable("stream", "bool")
  .registerVariable("operation", "string")
  .registerVariable("model", "string")
  .registerVariable("route", "string")
  .registerVariable("tags", "list<string>")
  .registerVariable("metadata", "map<string, dyn>")
  .registerVariable({
    name: "caller",
    schema: { tenant: "string", team: "string", key: "string", user: "string", role: "string" },
  })
  .registerVariable("region", "string")
  .registerVariable("hour", "int")
  .registerVariable("weekday", "int")
  .registerFunction("string.containsAny(list<string>): bool", (text: string, all: readonly string[]) =>
    all.some((one) => text.includes(one)),
  )
  .registerFunction("string.containsWord(string): bool", containsWord);

/** What may take more than a glance at a hostile text, or makes more of it. */
const refused: Readonly<Record<string, string>> = {
  matches:
    "regular expressions are not offered, since some take forever: use contains, containsAny, containsWord, startsWith",
  split: "texts are not split: use contains, containsAny, containsWord, startsWith",
  join: "lists are not joined: use 'in', or exists()",
  json: "bytes are not read",
  bytes: "bytes are not read",
};
const loops: ReadonlySet<string> = new Set(["all", "exists", "exists_one", "map", "filter"]);

const isNode = (value: unknown): value is ASTNode =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;

const nodesIn = (value: unknown): readonly ASTNode[] => {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(nodesIn) : [];
};

const at = (position: number | undefined): string => (position === undefined ? "" : `, at character ${position + 1}`);

/** Refuses what could take long. */
const checkBounds = (node: ASTNode, depth: "outside" | "within a loop"): void => {
  const name = node.op === "call" || node.op === "rcall" ? node.args[0] : "";
  const reason = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (reason !== undefined) throw new ExpressionFault(`${reason}${at(node.range.start)}`);
  const isLoop = node.op === "rcall" && loops.has(name);
  if (isLoop && depth === "within a loop")
    throw new ExpressionFault(`${name}() stands within another loop${at(node.range.start)}`);
  for (const below of nodesIn(node.args)) checkBounds(below, isLoop ? "within a loop" : depth);
};

const faultOf = (thrown: unknown): ExpressionFault => {
  if (thrown instanceof ExpressionFault) return thrown;
  if (thrown instanceof ParseError || thrown instanceof TypeFault)
    return new ExpressionFault(`${thrown.summary}${at(thrown.range?.start)}`);
  return new ExpressionFault("it cannot be read as an expression");
};

const parse = (text: string) => {
  if (text.length > mostCharacters) throw new ExpressionFault(`it is longer than ${mostCharacters} characters`);
  const parsed = environment.parse(text);
  checkBounds(parsed.ast, "outside");
  const { valid, type, error } = parsed.check();
  if (!valid) throw error ?? new ExpressionFault("it is not valid");
  if (type !== "bool" && type !== "dyn") throw new ExpressionFault(`it gives ${type}, not true or false`);
  return parsed;
};

/** Never with a value in it, which may be private. */
const failure = (thrown: unknown): ExpressionFault =>
  new ExpressionFault(
    thrown instanceof EvaluationError ? `${thrown.code.replaceAll("_", " ")}${at(thrown.range?.start)}` : "it failed",
  );

/** Compiles an expression. Throws {@link ExpressionFault} with the position of what is wrong. */
export const compileExpression = (text: string): Condition => {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(text);
  } catch (thrown) {
    throw faultOf(thrown);
  }
  return (context) => {
    let result: unknown;
    try {
      result = parsed(context);
    } catch (thrown) {
      throw failure(thrown);
    }
    if (typeof result !== "boolean") throw new ExpressionFault("it gave neither true nor false");
    return result;
  };
};

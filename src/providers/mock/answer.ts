import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Steering } from "./options.ts";
import { maxTokensOf, objectsAt, stopsOf, textOf } from "./request.ts";
import { instanceOf } from "./schema-instance.ts";
import { sentences } from "./sentences.ts";
import { hash, tokensOf } from "./tokens.ts";

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: readonly string[];
}
/** One choice of the mock's answer, cut into tokens. */
export interface Answer {
  readonly text: readonly string[];
  readonly calls: readonly Call[];
  readonly finish: "stop" | "length" | "tool_calls";
}

interface Named {
  readonly name: string;
  readonly parameters: JsonObject;
}

const functionsOf = (body: JsonObject): readonly Named[] =>
  objectsAt(body, "tools").flatMap((tool) => {
    const definition = tool["function"];
    if (!isJsonObject(definition) || typeof definition["name"] !== "string") return [];
    const { parameters } = definition;
    return [{ name: definition["name"], parameters: isJsonObject(parameters) ? parameters : { type: "object" } }];
  });

const forcedName = (choice: JsonValue | undefined): string | undefined => {
  const definition = isJsonObject(choice) ? choice["function"] : undefined;
  return isJsonObject(definition) && typeof definition["name"] === "string" ? definition["name"] : undefined;
};

const lastRole = (body: JsonObject): JsonValue | undefined => objectsAt(body, "messages").at(-1)?.["role"];

/** Which tools are called: the forced one, else the first, or all of them where parallel calls are asked for. */
const calledTools = (model: string, body: JsonObject): readonly Named[] => {
  const offered = functionsOf(body);
  const choice = body["tool_choice"];
  const name = forcedName(choice);
  if (name !== undefined) return offered.filter((tool) => tool.name === name);
  const wanted = choice === "required" || (model === "mock-tools" && choice !== "none" && lastRole(body) !== "tool");
  if (!wanted) return [];
  return body["parallel_tool_calls"] === true ? offered : offered.slice(0, 1);
};

const lastText = (body: JsonObject, role: string): string =>
  textOf(objectsAt(body, "messages").findLast((message) => message["role"] === role)?.["content"]);

const anyObject: JsonObject = { type: "object", properties: { answer: { type: "string" } } };

const schemaOf = (body: JsonObject): JsonObject | undefined => {
  const format = body["response_format"];
  if (!isJsonObject(format)) return undefined;
  if (format["type"] === "json_object") return anyObject;
  const definition = format["json_schema"];
  const schema = isJsonObject(definition) ? definition["schema"] : undefined;
  return isJsonObject(schema) ? schema : undefined;
};

const continuing: ReadonlySet<JsonValue | undefined> = new Set(["mock-echo", "mock-llama"]);

/** Whether the request's last message is the beginning of the answer that is asked for. */
export const isContinued = (body: JsonObject): boolean =>
  continuing.has(body["model"]) && lastRole(body) === "assistant" && schemaOf(body) === undefined;

/** The request as it was before its answer was begun. */
const unbegun = (body: JsonObject): JsonObject => ({ ...body, messages: objectsAt(body, "messages").slice(0, -1) });

/** A seed of all that the answer may depend on. */
const seedOf = (body: JsonObject, choice: number): number =>
  hash(JSON.stringify([body["messages"] ?? body["prompt"], body["seed"] ?? 0, choice]));

const chatText = (model: string, body: JsonObject, context: { choice: number; words: number | undefined }): string => {
  const schema = schemaOf(body) ?? (model === "mock-json" ? anyObject : undefined);
  if (schema !== undefined) return JSON.stringify(instanceOf(schema));
  if (model === "mock-echo") return lastText(body, "user");
  if (model === "mock-tools" && lastRole(body) === "tool") return `The tool answered: ${lastText(body, "tool")}`;
  return sentences(seedOf(body, context.choice), context.words);
};

/** What follows of the text that would have been the whole answer; all of it, where the beginning is not its own. */
const continuation = (
  model: string,
  body: JsonObject,
  context: { choice: number; words: number | undefined },
): string => {
  const begun = lastText(body, "assistant");
  const whole = chatText(model, unbegun(body), context);
  return whole.startsWith(begun) ? whole.slice(begun.length) : whole;
};

/** The text up to the first stop sequence, and then up to the limit of tokens. */
export const cutText = (text: string, body: JsonObject): Answer => {
  const ends = stopsOf(body)
    .map((stop) => text.indexOf(stop))
    .filter((place) => place !== -1);
  const tokens = tokensOf(ends.length === 0 ? text : text.slice(0, Math.min(...ends)));
  const limit = Math.max(0, maxTokensOf(body) ?? tokens.length);
  return { text: tokens.slice(0, limit), calls: [], finish: limit < tokens.length ? "length" : "stop" };
};

const callTools = (tools: readonly Named[], body: JsonObject, choice: number): Answer => {
  let left = maxTokensOf(body) ?? Number.POSITIVE_INFINITY;
  let isCut = false;
  const seed = seedOf(body, choice).toString(16).padStart(8, "0");
  const calls = tools.map(({ name, parameters }, place): Call => {
    const tokens = tokensOf(JSON.stringify(instanceOf(parameters)));
    const taken = tokens.slice(0, Math.max(0, left));
    isCut ||= taken.length < tokens.length;
    left -= taken.length;
    return { id: `call_mock${seed}${place}`, name, arguments: taken };
  });
  return { text: [], calls, finish: isCut ? "length" : "tool_calls" };
};

/** The mock's answer to a chat: the same request, the same answer. */
export const answerChat = (body: JsonObject, choice: number, { words }: Steering): Answer => {
  const model = String(body["model"]);
  const tools = calledTools(model, body);
  if (tools.length > 0) return callTools(tools, body, choice);
  const context = { choice, words };
  return cutText(isContinued(body) ? continuation(model, body, context) : chatText(model, body, context), body);
};

/** The mock's answer to one prompt of a text completion. */
export const completePrompt = (
  prompt: string,
  body: JsonObject,
  place: { choice: number; words?: number | undefined },
): Answer => {
  const isEcho = body["model"] === "mock-echo";
  const answer = isEcho ? prompt : sentences(hash(`${prompt}\n${place.choice}`), place.words);
  return cutText(answer, body);
};

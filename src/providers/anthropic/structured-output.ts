import type { ChatRequest } from "../../core/chat.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { ModelTraits } from "./model-traits.ts";

/** The tool through which an older model gives an answer that must follow a schema. */
const answerTool = "json_response";

/** True where a tool call of this name is the structured answer itself, not a call for the client. */
export const isAnswerTool = (name: string, { responseFormat, tools }: ChatRequest): boolean =>
  name === answerTool && responseFormat?.kind === "schema" && (tools ?? []).length === 0;

/** Whether the schema must be enforced by a tool that the model is made to call. */
export const needsAnswerTool = ({ responseFormat }: ChatRequest, traits: ModelTraits): boolean =>
  responseFormat?.kind === "schema" && !traits.structuredOutput;

/** The schema as `output_config.format` ("Structured outputs"); undefined where none is asked for or it is a tool. */
export const outputFormat = ({ responseFormat }: ChatRequest, traits: ModelTraits): JsonObject | undefined =>
  responseFormat?.kind === "schema" && traits.structuredOutput
    ? { type: "json_schema", schema: responseFormat.schema }
    : undefined;

/** The forced tool of a model that has no structured output of its own. */
export const answerToolFields = (request: ChatRequest, traits: ModelTraits): JsonObject => {
  const { responseFormat } = request;
  if (responseFormat?.kind !== "schema" || !needsAnswerTool(request, traits)) return {};
  const { description, schema } = responseFormat;
  return {
    tools: [{ name: answerTool, description: description ?? "Give the answer in this form.", input_schema: schema }],
    tool_choice: { type: "tool", name: answerTool, disable_parallel_tool_use: true },
  };
};

/** A tool's input is an object, so only a schema of objects can be enforced by one. */
export const isObjectSchema = (schema: JsonObject): boolean =>
  schema["type"] === "object" || isJsonObject(schema["properties"]);

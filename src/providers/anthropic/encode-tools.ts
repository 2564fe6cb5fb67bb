import type { ChatRequest, FunctionTool, Tool } from "../../core/chat.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { ownFields } from "./own-fields.ts";

/** A schema of arguments as the API takes it: always that of an object. */
const inputSchema = (parameters: JsonObject | undefined): JsonObject => {
  if (parameters === undefined) return { type: "object", properties: {} };
  return "type" in parameters ? parameters : { type: "object", ...parameters };
};

const encodeFunction = (tool: FunctionTool): JsonObject => ({
  name: tool.name,
  ...(tool.description === undefined ? {} : { description: tool.description }),
  input_schema: inputSchema(tool.parameters),
  ...(tool.strict === true ? { strict: true } : {}),
  ...ownFields(tool),
});

const encodeTool = (tool: Tool): JsonObject => (tool.type === "opaque" ? tool.value : encodeFunction(tool));

const encodeChoice = ({ toolChoice, parallelToolCalls }: ChatRequest): JsonValue | undefined => {
  if (toolChoice?.kind === "opaque") return toolChoice.value;
  if (toolChoice?.kind === "none") return { type: "none" };
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (toolChoice?.kind === "function") return { type: "tool", name: toolChoice.name, ...single };
  if (toolChoice?.kind === "required") return { type: "any", ...single };
  if (toolChoice?.kind === "auto" || parallelToolCalls === false) return { type: "auto", ...single };
  return undefined;
};

/** `tools` and `tool_choice`; a choice without tools is an error upstream, and says nothing. */
export const encodeTools = (request: ChatRequest): JsonObject => {
  const { tools } = request;
  if (tools === undefined || tools.length === 0) return {};
  const choice = encodeChoice(request);
  return { tools: tools.map(encodeTool), ...(choice === undefined ? {} : { tool_choice: choice }) };
};

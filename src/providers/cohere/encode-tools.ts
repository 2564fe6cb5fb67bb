import type { ChatRequest, Tool } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";

const encodeTool = (tool: Tool): JsonObject => {
  if (tool.type === "opaque") return tool.value;
  const description = tool.description === undefined ? {} : { description: tool.description };
  const parameters = tool.parameters ?? { type: "object", properties: {} };
  return { type: "function", function: { name: tool.name, ...description, parameters } };
};

/**
 * `tools`, `tool_choice` and `strict_tools`. There is no choice of one tool by name: that tool alone is offered, and
 * one must be called. Strictness holds for all tools or none.
 */
export const encodeTools = ({ tools, toolChoice }: ChatRequest): JsonObject => {
  if (tools === undefined || tools.length === 0) return {};
  const name = toolChoice?.kind === "function" ? toolChoice.name : undefined;
  const offered = name === undefined ? tools : tools.filter((tool) => tool.type === "function" && tool.name === name);
  const isForced = name !== undefined || toolChoice?.kind === "required";
  const isStrict = offered.some((tool) => tool.type === "function" && tool.strict === true);
  return {
    tools: offered.map(encodeTool),
    ...(isForced ? { tool_choice: "REQUIRED" } : {}),
    ...(toolChoice?.kind === "none" ? { tool_choice: "NONE" } : {}),
    ...(toolChoice?.kind === "opaque" ? { tool_choice: toolChoice.value } : {}),
    ...(isStrict ? { strict_tools: true } : {}),
  };
};

import type { Tool, ToolChoice } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import { validate } from "../validate.ts";
import { anyTool, type CountTokensBody, customTool } from "./messages-schema.ts";
import { leftover } from "./parse-blocks.ts";

/** A tool of the client's own, or one that only Anthropic knows (its `type` names it), kept whole. */
export const parseTool = (value: unknown, index: number): Tool => {
  const path = ["tools", index];
  const { type } = validate(anyTool, value, path);
  const tool = value as JsonObject;
  if (typeof type === "string" && type !== "custom") return { type: "opaque", dialect: "anthropic", value: tool };
  const { name, description, input_schema, strict } = validate(customTool, value, path);
  return {
    type: "function",
    name,
    ...(typeof description === "string" ? { description } : {}),
    parameters: input_schema,
    ...(typeof strict === "boolean" ? { strict } : {}),
    ...leftover(tool, ["type", "name", "description", "input_schema", "strict"]),
  };
};

/** The choice of a tool, and whether several may be called at once. */
export const parseToolChoice = (
  choice: CountTokensBody["tool_choice"],
): { toolChoice?: ToolChoice; parallelToolCalls?: false } => {
  if (choice === null || choice === undefined) return {};
  if (choice.type === "none") return { toolChoice: { kind: "none" } };
  const parallel = choice.disable_parallel_tool_use === true ? ({ parallelToolCalls: false } as const) : {};
  if (choice.type === "tool") return { toolChoice: { kind: "function", name: choice.name }, ...parallel };
  return { toolChoice: { kind: choice.type === "any" ? "required" : "auto" }, ...parallel };
};

import type { ChatRequest, Tool } from "../../core/chat.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { defined } from "../request.ts";

/** Opaque tools stand alone (`{googleSearch: {}}`); all functions go into one. */
export const encodeTools = (tools: readonly Tool[] | undefined): readonly JsonObject[] | undefined => {
  if (tools === undefined || tools.length === 0) return undefined;
  const declarations = tools.flatMap((tool) =>
    tool.type === "function"
      ? [
          defined({
            name: tool.name,
            description: tool.description,
            parametersJsonSchema: tool.parameters,
          }) as JsonObject,
        ]
      : [],
  );
  const own = tools.flatMap((tool) => (tool.type === "opaque" ? [tool.value] : []));
  return declarations.length === 0 ? own : [{ functionDeclarations: declarations }, ...own];
};

/** `toolConfig`; `VALIDATED` is the mode in which calls keep to their schemas, which `strict` asks for. */
export const encodeToolConfig = ({ tools, toolChoice }: ChatRequest): JsonObject | undefined => {
  if (tools === undefined || tools.length === 0) return undefined;
  const mode = (name: string, more: JsonObject = {}): JsonObject => ({
    functionCallingConfig: { mode: name, ...more },
  });
  switch (toolChoice?.kind) {
    case "none":
      return mode("NONE");
    case "required":
      return mode("ANY");
    case "function":
      return mode("ANY", { allowedFunctionNames: [toolChoice.name] });
    case "opaque":
      return isJsonObject(toolChoice.value) ? toolChoice.value : undefined;
    default:
      return tools.some((tool) => tool.type === "function" && tool.strict === true) ? mode("VALIDATED") : undefined;
  }
};

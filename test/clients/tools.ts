/** The tools that every client offers, as JSON Schema. */
const city = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

export const toolNames = ["get_weather", "get_time"] as const;
export const toolSchema = city;
export const toolDescriptions = { get_weather: "The weather in a city.", get_time: "The time in a city." } as const;

export const openaiTools = toolNames.map((name) => ({
  type: "function" as const,
  function: { name, description: toolDescriptions[name], parameters: city },
}));

export const anthropicTools = toolNames.map((name) => ({
  name,
  description: toolDescriptions[name],
  input_schema: { ...city, type: "object" as const },
}));

/** What a tool gives for its arguments. */
export const runTool = (name: string, input: unknown): string => {
  const place = (input as { city?: unknown }).city;
  if (typeof place !== "string" || place === "") throw new Error(`the call of ${name} has no city`);
  return name === "get_weather" ? `12 degrees in ${place}` : `noon in ${place}`;
};

export const objectSchema = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
} as const;

/** A red pixel. */
export const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

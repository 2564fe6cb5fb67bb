import { type Directive, writeDirective } from "../upstream/asked.ts";

/** The dialects in which clients ask. */
export const edges = ["openai", "anthropic"] as const;
export type Edge = (typeof edges)[number];

export interface ClientRequest {
  readonly model: string;
  readonly isStreamed: boolean;
  readonly withTools: boolean;
  readonly directive: Directive;
}

export const pathOf: Readonly<Record<Edge, string>> = {
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
};

const parameters = { type: "object", properties: { city: { type: "string" }, unit: { type: "string" } } };
const description = "The weather of a city";

/** The request's body in the edge's dialect. */
export const bodyOf = (edge: Edge, { model, isStreamed, withTools, directive }: ClientRequest): string => {
  const messages = [{ role: "user", content: writeDirective(directive) }];
  if (edge === "anthropic")
    return JSON.stringify({
      model,
      max_tokens: 4_000,
      messages,
      stream: isStreamed,
      ...(withTools ? { tools: [{ name: "weather", description, input_schema: parameters }] } : {}),
    });
  return JSON.stringify({
    model,
    messages,
    max_tokens: 4_000,
    ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...(withTools ? { tools: [{ type: "function", function: { name: "weather", description, parameters } }] } : {}),
  });
};

import { expect, test } from "bun:test";
import { countTokens } from "./count-tokens.ts";
import { parseCountTokensRequest } from "./parse-messages-request.ts";

/** Bodies and the counts that Anthropic's documentation gives for them (of the tools, without its own instructions). */
const documented: readonly [string, Parameters<typeof parseCountTokensRequest>[0], number, number][] = [
  [
    "a greeting",
    { model: "m", system: "You are a scientist", messages: [{ role: "user", content: "Hello, Claude" }] },
    14,
    30,
  ],
  [
    "a tool",
    {
      model: "m",
      tools: [
        {
          name: "get_weather",
          description: "Get the current weather in a given location",
          input_schema: {
            type: "object",
            properties: { location: { type: "string", description: "The city and state, e.g. San Francisco, CA" } },
            required: ["location"],
          },
        },
      ],
      messages: [{ role: "user", content: "What's the weather like in San Francisco?" }],
    },
    50,
    110,
  ],
];

test.each(documented)("estimates the tokens of %s", (_, body, least, most) => {
  const { input_tokens } = countTokens(parseCountTokensRequest(body));
  expect(input_tokens).toBeGreaterThanOrEqual(least);
  expect(input_tokens).toBeLessThanOrEqual(most);
});

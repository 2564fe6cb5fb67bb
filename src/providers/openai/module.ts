import { defineOpenaiKind } from "./kind.ts";

/** OpenAI itself (OpenAI API reference). */
export const openai = defineOpenaiKind({
  kind: "openai",
  title: "OpenAI",
  defaultBaseUrl: "https://api.openai.com/v1",
  keyVariables: ["OPENAI_API_KEY", "EXTERNAL_OPENAI_KEY"],
  catalogueId: "openai",
  quirks: {},
});

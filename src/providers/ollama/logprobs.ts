import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

const isToken = (value: unknown): value is JsonObject & { readonly token: string; readonly logprob: number } =>
  isJsonObject(value) && typeof value["token"] === "string" && typeof value["logprob"] === "number";

const readToken = (value: { readonly token: string; readonly logprob: number; readonly bytes?: JsonValue }) => ({
  token: value.token,
  logprob: value.logprob,
  bytes: Array.isArray(value.bytes) ? (value.bytes as readonly JsonValue[]) : null,
});

const tokensOf = (value: JsonValue | undefined) => (Array.isArray(value) ? value.filter(isToken) : []);

/** `logprobs` of an answer in the form of OpenAI's chat, which Ollama follows; undefined where there are none. */
export const readChatLogprobs = (value: JsonValue | undefined): JsonObject | undefined => {
  const tokens = tokensOf(value);
  if (tokens.length === 0) return undefined;
  const content = tokens.map((token) => ({
    ...readToken(token),
    top_logprobs: tokensOf(token["top_logprobs"]).map(readToken),
  }));
  return { content, refusal: null };
};

/** The same in the form of OpenAI's text completions. `offset`: characters of the answer before this piece. */
export const readTextLogprobs = (value: JsonValue | undefined, offset: number): JsonObject | undefined => {
  const tokens = tokensOf(value);
  if (tokens.length === 0) return undefined;
  let at = offset;
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(tokensOf(token["top_logprobs"]).map((other) => [other.token, other.logprob])),
    ),
    text_offset: tokens.map(({ token }) => {
      at += token.length;
      return at - token.length;
    }),
  };
};

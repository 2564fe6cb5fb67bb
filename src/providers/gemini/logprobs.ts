import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";

const readToken = (value: JsonValue | undefined): JsonObject | undefined =>
  isJsonObject(value) && typeof value["token"] === "string" && typeof value["logProbability"] === "number"
    ? { token: value["token"], logprob: value["logProbability"], bytes: [...new TextEncoder().encode(value["token"])] }
    : undefined;

const readAlternatives = (value: JsonValue | undefined): readonly JsonObject[] => {
  const candidates = isJsonObject(value) ? value["candidates"] : undefined;
  const tokens: readonly JsonValue[] = Array.isArray(candidates) ? candidates : [];
  return tokens.map(readToken).filter((token) => token !== undefined);
};

/** `logprobsResult` of a candidate in OpenAI's form; undefined where there is none. */
export const readLogprobs = (result: JsonValue | undefined): JsonObject | undefined => {
  if (!isJsonObject(result) || !Array.isArray(result["chosenCandidates"])) return undefined;
  const top = Array.isArray(result["topCandidates"]) ? result["topCandidates"] : [];
  const chosenTokens: readonly JsonValue[] = result["chosenCandidates"];
  const content = chosenTokens.flatMap((chosen, step): readonly JsonObject[] => {
    const token = readToken(chosen);
    return token === undefined ? [] : [{ ...token, top_logprobs: readAlternatives(top[step]) }];
  });
  return { content, refusal: null };
};

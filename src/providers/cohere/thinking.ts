import type { ChatRequest, Reasoning } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";

/** True where the request asks for no reasoning. */
export const asksNotToReason = ({ effort, budgetTokens }: Reasoning): boolean =>
  effort === "none" || (effort === undefined && budgetTokens === 0);

/** Tokens for the smaller efforts; above them the model's own measure applies. */
const budgetOfEffort: Readonly<Record<string, number>> = { minimal: 1_024, low: 2_048, medium: 8_192 };

/** `thinking` ("Reasoning Capabilities"): a budget of tokens, of which an effort is turned into one. */
export const encodeThinking = ({ reasoning }: ChatRequest, { facts }: Target): JsonObject | undefined => {
  if (reasoning === undefined || facts.reasoning === false) return undefined;
  if (asksNotToReason(reasoning)) return { type: "disabled" };
  const budget = reasoning.budgetTokens ?? budgetOfEffort[reasoning.effort ?? "high"];
  return { type: "enabled", ...(budget === undefined ? {} : { token_budget: budget }) };
};

import type { ChatRequest } from "../core/chat.ts";

/**
 * Whether the request asks for reasoning. An empty wish leaves it to the model whether it reasons, so that one which cannot
 * is no obstacle.
 */
export const asksToReason = ({ reasoning }: Pick<ChatRequest, "reasoning">): boolean =>
  reasoning !== undefined &&
  ((reasoning.effort !== undefined && reasoning.effort !== "none") || (reasoning.budgetTokens ?? 0) > 0);

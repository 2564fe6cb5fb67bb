import type { ChatRequest } from "../core/chat.ts";

/** Whether the request asks for reasoning. */
export const asksToReason = ({ reasoning }: ChatRequest): boolean =>
  reasoning !== undefined &&
  ((reasoning.effort !== undefined && reasoning.effort !== "none") || (reasoning.budgetTokens ?? 0) > 0);

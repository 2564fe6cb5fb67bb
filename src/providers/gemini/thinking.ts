import type { Reasoning } from "../../core/chat.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { asksToReason } from "../reasoning.ts";

type Effort = NonNullable<Reasoning["effort"]>;

/**
 * How a model is told how much to think: up to 2.5 by a budget of tokens, from Gemini 3 on by a level ("Gemini
 * thinking", ai.google.dev). The same models that take levels insist on thought signatures.
 */
export const thinkingControl = (model: string): "budget" | "level" =>
  /(^|\/)(gemini-[12]\b|gemini-robotics-er-1\b|gemma-[123]n?\b)/.test(model) ? "budget" : "level";

/** The budgets that Google's own OpenAI-compatible endpoint gives to named efforts ("OpenAI compatibility"). */
const budgets: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};

const levels: Readonly<Record<Exclude<Effort, "none">, string>> = {
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
};

/** Pro models always think: 2.5 Pro takes no budget of 0, and the later ones no level below `LOW`. */
const isPro = (model: string): boolean => /-pro\b/.test(model);

/** Why this model cannot reason as asked; undefined where it can. */
export const thinkingObstacle = (reasoning: Reasoning | undefined, target: Target): string | undefined => {
  if (reasoning === undefined) return undefined;
  const isOff = reasoning.effort === "none" || reasoning.budgetTokens === 0;
  if (target.facts.reasoning === false)
    return isOff || !asksToReason({ reasoning }) ? undefined : "this model does not reason";
  if (!isOff) return undefined;
  if (thinkingControl(target.model) === "level")
    return "this model cannot be kept from reasoning; the least is 'minimal'";
  return isPro(target.model) ? "this model cannot be kept from reasoning; the least is 'low'" : undefined;
};

/** `thinkingConfig` of a request; undefined leaves the model its default. A budget and a level exclude each other. */
export const encodeThinking = (reasoning: Reasoning | undefined, target: Target): JsonObject | undefined => {
  if (reasoning === undefined || target.facts.reasoning === false) return undefined;
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens !== undefined) return { thinkingBudget: budgetTokens, includeThoughts: budgetTokens !== 0 };
  if (effort === undefined) return undefined;
  if (effort === "none") return { thinkingBudget: 0, includeThoughts: false };
  if (thinkingControl(target.model) === "budget") return { thinkingBudget: budgets[effort], includeThoughts: true };
  const level = effort === "minimal" && isPro(target.model) ? "LOW" : levels[effort];
  return { thinkingLevel: level, includeThoughts: true };
};

import type { ChatRequest, Reasoning } from "../../core/chat.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { Target } from "../../core/model.ts";
import { asksToReason } from "../reasoning.ts";
import type { ModelTraits } from "./model-traits.ts";
import { nativeFields } from "./native-fields.ts";

/** How a request's wish for reasoning is written. */
export interface ThinkingPlan {
  readonly maxTokens: number;
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

type Effort = NonNullable<Reasoning["effort"]>;

/** The smallest budget that the API takes. */
export const smallestBudget = 1_024;
const unknownMaxOutput = 4_096;
/** Output is reserved against limits before it is made, so the default stays below what the largest models can do. */
const largestDefault = 32_000;
/** Room for the answer beside an explicit budget, where the request sets no limit. */
const answerRoom = 4_096;

/** Tokens for an effort, for models that know only budgets: powers of two around the efforts' usual cost. */
const budgetOfEffort: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};

const effortOfBudget = (tokens: number): Effort => {
  if (tokens <= 2_048) return "low";
  if (tokens <= 8_192) return "medium";
  return tokens <= 24_576 ? "high" : "xhigh";
};

/** The effort by its name here, or the nearest lower one that the model knows. */
const knownEffort = (effort: Effort, efforts: readonly string[]): string | undefined => {
  const order = ["low", "medium", "high", "xhigh", "max"];
  const wanted = effort === "minimal" ? 0 : order.indexOf(effort);
  return order.slice(0, wanted + 1).findLast((name) => efforts.includes(name));
};

/** True where the request asks for no reasoning. */
export const asksNotToReason = ({ reasoning }: ChatRequest): boolean =>
  reasoning !== undefined &&
  (reasoning.effort === "none" || (reasoning.effort === undefined && reasoning.budgetTokens === 0));

/** Whether a model accepts a `thinking` object that came in Anthropic's own form. */
export const suitsModel = (thinking: JsonObject, traits: ModelTraits): boolean => {
  if (thinking["type"] === "enabled") return traits.thinking !== "adaptive";
  if (thinking["type"] === "adaptive") return traits.thinking !== "budget";
  return true;
};

const defaultMaxTokens = ({ facts }: Target, budget: number): number => {
  const most = facts.maxOutputTokens ?? Math.max(unknownMaxOutput, budget + answerRoom);
  return Math.min(
    most,
    Math.max(Math.min(facts.maxOutputTokens ?? unknownMaxOutput, largestDefault), budget + answerRoom),
  );
};

const planBudget = (reasoning: Reasoning, request: ChatRequest, target: Target): ThinkingPlan => {
  const asked = reasoning.budgetTokens ?? budgetOfEffort[reasoning.effort ?? "medium"];
  const maxTokens = request.maxOutputTokens ?? defaultMaxTokens(target, asked);
  // An effort leaves a quarter for the answer; a budget in numbers is kept as far as the limit allows.
  const most = reasoning.budgetTokens === undefined ? Math.floor(maxTokens * 0.75) : maxTokens - 1;
  const budget = Math.max(smallestBudget, Math.min(asked, most));
  return { maxTokens, thinking: { type: "enabled", budget_tokens: budget } };
};

/**
 * `thinking`, `output_config.effort` and `max_tokens` of a request ("Thinking", "Effort"). Models up to Claude 4.5 are
 * given a budget, later ones decide themselves, guided by an effort; a wish in the other form is converted.
 */
export const planThinking = (request: ChatRequest, target: Target, traits: ModelTraits): ThinkingPlan => {
  const maxTokens = request.maxOutputTokens ?? defaultMaxTokens(target, 0);
  const native = nativeFields(request)["thinking"];
  const { reasoning } = request;
  const given = isJsonObject(native) && suitsModel(native, traits) ? native : undefined;
  // Left to a model that does not reason, it is not reasoned.
  if (target.facts.reasoning === false && reasoning !== undefined && !asksToReason(request)) return { maxTokens };
  if (given === undefined && (reasoning === undefined || asksNotToReason(request))) {
    const isDisabled = reasoning !== undefined && target.facts.reasoning !== false;
    return { maxTokens, ...(isDisabled ? { thinking: { type: "disabled" } } : {}) };
  }
  const named = reasoning?.effort === "none" ? undefined : reasoning?.effort;
  const effort = named === undefined ? undefined : knownEffort(named, traits.efforts);
  const withEffort = effort === undefined ? {} : { effort };
  if (given !== undefined) return { maxTokens, thinking: given, ...withEffort };
  const wish = reasoning ?? {};
  const asBudget = traits.thinking === "budget" || (traits.thinking === "either" && wish.budgetTokens !== undefined);
  if (asBudget) return { ...planBudget(wish, request, target), ...(wish.budgetTokens === undefined ? {} : withEffort) };
  const converted =
    effort ??
    (wish.budgetTokens === undefined ? undefined : knownEffort(effortOfBudget(wish.budgetTokens), traits.efforts));
  return { maxTokens, thinking: { type: "adaptive" }, ...(converted === undefined ? {} : { effort: converted }) };
};

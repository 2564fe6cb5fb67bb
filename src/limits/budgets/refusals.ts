import type { Call } from "../../core/call.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Target } from "../../core/model.ts";
import { type PicoUsd, toUsd } from "../../core/money.ts";
import type { Bound, Period, Shortage, Unaffordable } from "../../core/ports/budgets.ts";
import { withoutKey } from "../compile-rules.ts";

/** USD with up to six decimals, or as many as it takes to see anything: rounded so that nobody hopes in vain. */
export const formatAmount = (picoUsd: number, rounding: "up" | "down"): string => {
  const usd = toUsd(picoUsd);
  const decimals = usd > 0 && usd < 0.000_01 ? 12 : 6;
  const scale = 10 ** decimals;
  const rounded = (rounding === "up" ? Math.ceil(usd * scale) : Math.floor(usd * scale)) / scale;
  return `${rounded.toFixed(decimals).replace(/\.?0+$/, "")} USD`;
};

const perNames = { day: "per day", week: "per week", month: "per month", ever: "for all time" } as const;

/** Whose budget it is. */
export const whose = ({ scope, subject }: Pick<Shortage, "scope" | "subject">): string => {
  if (scope === "everyone") return "for everyone together";
  if (scope === "key" && subject === withoutKey) return "for callers without a key";
  return `for ${scope} '${subject.slice(0, 200)}'`;
};

export const describeBudget = (budget: Pick<Shortage, "scope" | "subject" | "limit"> & { period: Period }): string =>
  `${formatAmount(budget.limit, "down")} ${perNames[budget.period.per]} ${whose(budget)}`;

const renewal = ({ end }: Period): string =>
  end === null ? "" : ` The budget begins anew at ${new Date(end).toISOString().slice(0, 19)}Z.`;

/** No client library should try by itself: it would be in vain until somebody raises the budget, or until its end. */
const inVain = { retryAfterMilliseconds: Number.POSITIVE_INFINITY };

/** A budget that has less left than an attempt may cost. */
export const shortOf = (target: Target, amount: PicoUsd, shortage: Shortage): Unaffordable => {
  const budget = describeBudget(shortage);
  const left = formatAmount(shortage.left, "down");
  const cost = formatAmount(amount, "up");
  return {
    reason: `it may cost ${cost}, and the budget of ${budget} has ${left} left`,
    error: new GatewayError(
      "insufficient_quota",
      `This gateway's budget of ${budget} has ${left} left, and this call may cost up to ${cost} at ${target.id}. ` +
        `Set a lower limit for the answer's tokens, or ask for a cheaper model.${renewal(shortage.period)}`,
      inVain,
    ),
  };
};

/** An amount that no sum could be kept with. */
export const tooMuch = (target: Target): Unaffordable => ({
  reason: "it may cost more than any budget has",
  error: new GatewayError(
    "insufficient_quota",
    `This call may cost more at ${target.id} than any budget of this gateway has. Set a lower limit for the answer's tokens.`,
    inVain,
  ),
});

const limitField = ({ operation, wire }: Call): string =>
  operation === "chat" && wire.dialect === "openai" ? "max_completion_tokens" : "max_tokens";

/** Nobody knows what the attempt may cost at most, so no budget can hold it. */
export const unbounded = (call: Call, target: Target, missing: (Bound & { cost: null })["missing"]): Unaffordable => {
  const because = "A budget of this gateway holds for this call, and";
  switch (missing) {
    case "price":
      return {
        reason: "it has no price, and a budget holds",
        error: new GatewayError(
          "invalid_value",
          `${because} the model '${target.id}' has no price, so that nobody knows what it may cost. Ask the gateway's operator to set one (0 where it is free), or ask for another model.`,
          { param: "model" },
        ),
      };
    case "output":
      return {
        reason: "nothing limits its answer, and a budget holds",
        error: new GatewayError(
          "missing_required_parameter",
          `${because} nothing limits how long the answer of '${target.id}' may get. Set '${limitField(call)}', or have the gateway's operator set maxOutputTokens for the model or for the budget.`,
          { param: limitField(call) },
        ),
      };
    case "media":
      return {
        reason: "nothing limits the tokens of a file in the request, and a budget holds",
        error: new GatewayError(
          "unsupported_parameter",
          `${because} nothing limits how many tokens the files of this request come to at '${target.id}'. Send their text instead, or have the gateway's operator set contextTokens for the model.`,
          { param: "messages" },
        ),
      };
    case "tools":
      return {
        reason: "it may search as much as it likes, and a budget holds",
        error: new GatewayError(
          "unsupported_parameter",
          `${because} '${target.id}' may search or run things of its own for this request, which nothing limits. Leave the provider's own tools out, or ask for a model that does not search.`,
          { param: "tools" },
        ),
      };
  }
};

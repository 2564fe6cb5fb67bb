import type { Call, Next, Reply, Stage } from "../../core/call.ts";
import { toGatewayError } from "../../core/errors.ts";
import type { Budgets, Degradation } from "../../core/ports/budgets.ts";
import type { CompiledRoute } from "../../core/route.ts";
import type { CompiledBudget } from "./compile-budgets.ts";

export interface BudgetStageParts {
  readonly budgets: Pick<Budgets, "degradation">;
  readonly compiled: readonly CompiledBudget[];
  /** A route of the configuration, whoever may ask for it by name. */
  readonly routeNamed: (name: string, call: Call) => CompiledRoute;
}

/** Whether budgets change calls on their way. Where none does, there is no stage. */
export const changesCalls = (compiled: readonly CompiledBudget[]): boolean =>
  compiled.some(({ degrade, maxOutputTokens }) => degrade !== undefined || maxOutputTokens !== undefined);

const concerning = (call: Call, compiled: readonly CompiledBudget[]): readonly CompiledBudget[] =>
  compiled.filter(({ accountOf }) =>
    call.route.candidates.some(({ target }) => accountOf(call.scope.head, target.id) !== undefined),
  );

const least = (numbers: readonly (number | undefined)[]): number | undefined => {
  const known = numbers.filter((one) => one !== undefined && one > 0) as readonly number[];
  return known.length === 0 ? undefined : Math.min(...known);
};

/** A client that sets no limit gets the budget's, but none that a model would not take. */
const limited = (call: Call, compiled: readonly CompiledBudget[]): Call => {
  const request = call.request as { readonly maxOutputTokens?: number };
  if (call.operation === "embeddings" || request.maxOutputTokens !== undefined) return call;
  const own = least(concerning(call, compiled).map(({ maxOutputTokens }) => maxOutputTokens));
  if (own === undefined) return call;
  const maxOutputTokens = least([own, ...call.route.candidates.map(({ target }) => target.facts.maxOutputTokens)]);
  return { ...call, request: { ...call.request, maxOutputTokens } as Call["request"] };
};

const isRefused = (thrown: unknown, { scope }: Call): boolean =>
  scope.attempts.length === 0 && toGatewayError(thrown).code === "insufficient_quota";

/**
 * What budgets change of a call before it is routed: where a share of one is spent, another route carries it; so it
 * does where no target of its own can be paid for any more.
 */
export const budgetStage = ({ budgets, compiled, routeNamed }: BudgetStageParts): Stage => {
  const carriedBy = (call: Call, { route, reason }: Degradation): Call => {
    call.scope.note(`carried by route '${route}': ${reason}`);
    return { ...call, route: routeNamed(route, call) };
  };
  const degradeTo = async (call: Call, degrading: readonly CompiledBudget[]): Promise<Degradation | null> => {
    const targets = call.route.candidates.map(({ target }) => target.id);
    const known = await budgets.degradation({
      startedAt: call.scope.head.startedAt,
      spender: call.scope.head,
      targets,
    });
    return known !== null && degrading.some(({ degrade }) => degrade?.route === known.route) ? known : null;
  };
  const carry = async (call: Call, next: Next, degrading: readonly CompiledBudget[]): Promise<Reply> => {
    const degradation = await degradeTo(call, degrading);
    if (degradation !== null) return next(limited(carriedBy(call, degradation), compiled));
    try {
      return await next(limited(call, compiled));
    } catch (thrown) {
      const route = degrading[0]?.degrade?.route;
      if (route === undefined || !isRefused(thrown, call)) throw thrown;
      return next(limited(carriedBy(call, { route, reason: "no target of its own can be paid for" }), compiled));
    }
  };
  return (call, next) => {
    const degrading = concerning(call, compiled).filter(({ degrade }) => degrade && degrade.route !== call.route.name);
    return degrading.length === 0 ? next(limited(call, compiled)) : carry(call, next, degrading);
  };
};

import type { Call, Next, Reply, Stage } from "../core/call.ts";
import type { CallRecord } from "../core/ledger.ts";
import type { Claim, Demand, Limits, Reserved } from "../core/ports/limits.ts";
import { expectedTokens, takenTokens } from "./call-tokens.ts";
import { compileRules, concerns } from "./compile-rules.ts";
import { refusalOf } from "./refusal.ts";
import type { LimitRule } from "./settings.ts";

export interface LimitsStageParts {
  readonly limits: Limits;
  readonly rules: readonly LimitRule[];
}

/** The call without the targets that a claim concerns; undefined where none would be left. */
const without = (call: Call, claim: Claim): Call | undefined => {
  if (claim.scope !== "model") return undefined;
  const candidates = call.route.candidates.filter(({ target }) => !concerns(claim, target));
  return candidates.length === 0 ? undefined : { ...call, route: { ...call.route, candidates } };
};

const demandOf = (call: Call, claims: readonly Claim[]): Demand => ({
  id: call.id,
  // Counting the tokens of a prompt takes its time.
  tokens: claims.some(({ tokens }) => tokens !== undefined) ? expectedTokens(call) : 0,
  claims,
});

const none: readonly number[] = [];
const wasTried = (claim: Claim, { attempts }: CallRecord): boolean =>
  attempts.some(({ target, model }) => concerns(claim, { id: target, model }));

/** A model that was not tried gets its share back; a call that tried none counts for nothing. */
const end = (limits: Limits, { id, tokens, claims }: Demand, record: CallRecord): void => {
  if (record.attempts.length === 0) {
    limits.release(id);
    return;
  }
  let unused: readonly number[] = none;
  for (const [place, claim] of claims.entries())
    if (claim.scope === "model" && !wasTried(claim, record)) unused = [...unused, place];
  limits.settle({ id, tokens: takenTokens(record, tokens), unused });
};

/**
 * Lets a call on if none of its limits is reached, or ends it with `rate_limit_exceeded`. Of a route's models those whose
 * limit is reached are left out while there are others; a call holds a place at each of the rest until it ends.
 */
export const limitsStage = ({ limits, rules }: LimitsStageParts): Stage => {
  const claimsOf = compileRules(rules);
  const admit = (call: Call, next: Next): Promise<Reply> => {
    if (rules.length === 0 && call.caller.limits === undefined) return next(call);
    const claims = claimsOf(call);
    if (claims.length === 0) return next(call);
    const demand = demandOf(call, claims);
    const proceed = (reserved: Reserved): Promise<Reply> => {
      if (reserved.kind === "granted") {
        call.scope.noteLimits(reserved.standing);
        call.scope.whenOver((record) => end(limits, demand, record));
        return next(call);
      }
      const rest = without(call, claims[reserved.claim] as Claim);
      if (rest !== undefined) return admit(rest, next);
      call.scope.noteLimits(reserved.standing, "refused");
      return Promise.reject(refusalOf(reserved, demand));
    };
    const reserved = limits.reserve(demand);
    return reserved instanceof Promise ? reserved.then(proceed) : proceed(reserved);
  };
  return admit;
};

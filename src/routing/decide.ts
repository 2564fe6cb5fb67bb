import type { Call } from "../core/call.ts";
import type { Decision, DecisionCandidate } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { Admission, Health } from "../core/ports/health.ts";
import type { Obstacle } from "../core/ports/provider.ts";
import type { Features, Ranked } from "../core/ports/strategy.ts";
import type { Candidate } from "../core/route.ts";
import { isPermitted, obstacleOf, type TranslatorOf } from "./constraints.ts";
import { priority } from "./strategies/priority.ts";
import type { TargetLoads } from "./target-loads.ts";

export interface DecideOptions {
  readonly translatorOf: TranslatorOf;
  readonly loads: TargetLoads;
  readonly health: Pick<Health, "look">;
  readonly random: () => number;
}

type Excluded = { readonly candidate: Candidate; readonly obstacle: Obstacle };

const refusal = (call: Call, excluded: readonly Excluded[]): GatewayError => {
  const [first] = excluded;
  if (first === undefined)
    return new GatewayError(
      "no_target_available",
      `Route '${call.route.name}' has no target. Add one under routes.${call.route.name}.targets.`,
    );
  const reasons = excluded.map(
    ({ candidate, obstacle }) => `${candidate.target.id}: '${obstacle.field}': ${obstacle.reason}`,
  );
  const code = excluded.every(({ obstacle }) => obstacle.reason.startsWith("its context"))
    ? "context_length_exceeded"
    : excluded.every(({ obstacle }) => obstacle.reason === notPermitted)
      ? "permission_denied"
      : "unsupported_parameter";
  const lead = excluded.length === 1 ? "The target cannot take this request" : "No target can take this request";
  return new GatewayError(code, `${lead}. ${reasons.join("; ")}.`, { param: first.obstacle.field });
};

const notPermitted = "this key does not reach it";

const sift = (call: Call, { translatorOf }: DecideOptions): { feasible: Candidate[]; excluded: Excluded[] } => {
  const feasible: Candidate[] = [];
  const excluded: Excluded[] = [];
  for (const candidate of call.route.candidates) {
    const obstacle = isPermitted(call, candidate.target)
      ? obstacleOf(call, candidate, translatorOf)
      : { field: "model", reason: notPermitted };
    if (obstacle === undefined) feasible.push(candidate);
    else excluded.push({ candidate, obstacle });
  }
  return { feasible, excluded };
};

/** Ranks, or falls back to the route's own order where the strategy throws or loses a candidate. */
const rank = (
  call: Call,
  feasible: readonly Candidate[],
  features: Features,
): { ranked: readonly Ranked[]; fallback?: string } => {
  const { strategy } = call.route;
  if (feasible.length === 1 && feasible[0] !== undefined)
    return { ranked: [{ candidate: feasible[0], score: 0, reason: "the only target" }] };
  try {
    const ranked = strategy.rank(feasible, call, features);
    if (ranked.length === feasible.length) return { ranked };
    return {
      ranked: priority.rank(feasible, call, features),
      fallback: `strategy '${strategy.kind}' lost a candidate`,
    };
  } catch {
    return { ranked: priority.rank(feasible, call, features), fallback: `strategy '${strategy.kind}' failed` };
  }
};

/** Targets that cannot be called now come last, with the reason, whatever the strategy thinks of them. */
const healthyFirst = (
  ranked: readonly Ranked[],
  health: DecideOptions["health"],
): readonly Ranked[] | Promise<readonly Ranked[]> => {
  if (ranked.length < 2) return ranked;
  const looks = ranked.map(({ candidate }) => health.look(candidate.target.id));
  const known = looks.filter((look): look is Admission => !(look instanceof Promise));
  return known.length === looks.length
    ? restingLast(ranked, known)
    : Promise.all(looks).then((admissions) => restingLast(ranked, admissions));
};

const restingLast = (ranked: readonly Ranked[], admissions: readonly Admission[]): readonly Ranked[] => {
  const ready: Ranked[] = [];
  const resting: Ranked[] = [];
  ranked.forEach((entry, place) => {
    const admission = admissions[place];
    if (admission === undefined || admission.kind === "closed" || admission.kind === "probe") ready.push(entry);
    else resting.push({ ...entry, reason: `${entry.reason}; put last, because ${admission.reason}` });
  });
  return resting.length === 0 ? ranked : [...ready, ...resting];
};

/**
 * Constraints first, then the strategy; the decision is recorded on the call. Given at once, unless the health of a
 * target must be asked for elsewhere. Throws `unsupported_parameter`,
 * `context_length_exceeded` or `permission_denied` with every candidate's reason where none can take the call.
 */
export const decide = (call: Call, options: DecideOptions): readonly Ranked[] | Promise<readonly Ranked[]> => {
  const { feasible, excluded } = sift(call, options);
  const passedOver = excluded.map(
    ({ candidate, obstacle }): DecisionCandidate => ({
      target: candidate.target.id,
      reason: `${obstacle.field}: ${obstacle.reason}`,
      excluded: true,
    }),
  );
  if (feasible.length === 0) {
    const error = refusal(call, excluded);
    call.scope.decide({
      strategy: call.route.strategy.kind,
      candidates: passedOver,
      reason: "no candidate could take the call",
    });
    throw error;
  }
  const { ranked: preferred, fallback } = rank(call, feasible, {
    sequence: options.loads.nextSequence(call.route.name),
    random: options.random(),
    estimatedInputTokens: call.route.strategy.kind === "cost-first" ? call.scope.estimatedInputTokens : 0,
    load: (targetId) => options.loads.of(targetId),
  });
  const record = (ranked: readonly Ranked[]): readonly Ranked[] => {
    const candidates: DecisionCandidate[] = [];
    for (const { candidate, score, reason } of ranked) candidates.push({ target: candidate.target.id, score, reason });
    const [first] = ranked;
    const decision: Decision = {
      strategy: call.route.strategy.kind,
      candidates: passedOver.length === 0 ? candidates : [...candidates, ...passedOver],
      reason: `${call.route.strategy.kind}: ${first?.candidate.target.id} (${first?.reason}), ${feasible.length} of ${call.route.candidates.length} possible`,
    };
    call.scope.decide(fallback === undefined ? decision : { ...decision, fallback });
    return ranked;
  };
  const ranked = healthyFirst(preferred, options.health);
  return ranked instanceof Promise ? ranked.then(record) : record(ranked);
};

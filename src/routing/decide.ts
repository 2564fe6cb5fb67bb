import type { Call } from "../core/call.ts";
import type { Decision, DecisionCandidate, DecisionDetail } from "../core/decision.ts";
import { GatewayError } from "../core/errors.ts";
import type { Target } from "../core/model.ts";
import type { Admission, Health } from "../core/ports/health.ts";
import type { Obstacle } from "../core/ports/provider.ts";
import type { Features, FilteredOut, Ranked, Ranking } from "../core/ports/strategy.ts";
import type { Candidate, CompiledRoute } from "../core/route.ts";
import { describeWishes } from "../core/routing-wishes.ts";
import { isPermitted, obstacleOf, type TranslatorOf } from "./constraints.ts";
import { priority } from "./strategies/priority.ts";
import type { TargetLoads } from "./target-loads.ts";
import { wishObstacle } from "./wish-obstacle.ts";

export interface DecideOptions {
  readonly translatorOf: TranslatorOf;
  readonly loads: Pick<TargetLoads, "of" | "nextSequence" | "sequenceOf">;
  readonly health: Pick<Health, "look">;
  readonly random: () => number;
  readonly isDryRun?: true;
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

const unwished = (call: Call, target: Target): Obstacle | undefined =>
  call.routing === undefined ? undefined : wishObstacle(call, call.routing, target);

const noneExcluded: readonly Excluded[] = [];

const sift = (
  call: Call,
  { translatorOf }: DecideOptions,
): { feasible: readonly Candidate[]; excluded: readonly Excluded[] } => {
  const { candidates } = call.route;
  let excluded: Excluded[] | undefined;
  for (const candidate of candidates) {
    const obstacle = isPermitted(call, candidate.target)
      ? (obstacleOf(call, candidate, translatorOf) ?? unwished(call, candidate.target))
      : { field: "model", reason: notPermitted };
    if (obstacle === undefined) continue;
    excluded ??= [];
    excluded.push({ candidate, obstacle });
  }
  if (excluded === undefined) return { feasible: candidates, excluded: noneExcluded };
  const impossible = new Set(excluded.map(({ candidate }) => candidate));
  return { feasible: candidates.filter((candidate) => !impossible.has(candidate)), excluded };
};

/** Ranks, or falls back to the route's own order where the strategy throws or loses a candidate. */
const rank = (
  call: Call,
  feasible: readonly Candidate[],
  features: Features,
): Ranking & { readonly fallback?: string } => {
  const { strategy } = call.route;
  if (feasible.length === 1 && feasible[0] !== undefined && strategy.asksAlways === undefined)
    return { ranked: [{ candidate: feasible[0], score: 0, reason: "the only target" }] };
  try {
    const answer = strategy.rank(feasible, call, features);
    const ranking: Ranking = "ranked" in answer ? answer : { ranked: answer };
    if (ranking.ranked.length + (ranking.filtered?.length ?? 0) === feasible.length) return ranking;
    return {
      ranked: priority.rank(feasible, call, features),
      fallback: `strategy '${strategy.kind}' lost a candidate`,
    };
  } catch {
    return { ranked: priority.rank(feasible, call, features), fallback: `strategy '${strategy.kind}' failed` };
  }
};

const ready: Admission = { kind: "closed" };
const isReady = (admission: Admission): admission is Admission & { readonly kind: "closed" | "probe" } =>
  admission.kind === "closed" || admission.kind === "probe";

/** Targets that cannot be called now come last, with the reason, whatever the strategy thinks of them. */
const healthyFirst = (
  ranked: readonly Ranked[],
  health: DecideOptions["health"],
): readonly Ranked[] | Promise<readonly Ranked[]> => {
  if (ranked.length < 2) return ranked;
  let looks: (Admission | Promise<Admission>)[] | undefined;
  for (let place = 0; place < ranked.length; place++) {
    const look = health.look((ranked[place] as Ranked).candidate.target.id);
    // Nearly always all are well: only from the first that is not are they kept.
    if (looks === undefined && !(look instanceof Promise) && isReady(look)) continue;
    looks ??= new Array<Admission>(place).fill(ready);
    looks.push(look);
  }
  if (looks === undefined) return ranked;
  const known = looks.filter((look): look is Admission => !(look instanceof Promise));
  return known.length === looks.length
    ? restingLast(ranked, known)
    : Promise.all(looks).then((admissions) => restingLast(ranked, admissions));
};

const restingLast = (ranked: readonly Ranked[], admissions: readonly Admission[]): readonly Ranked[] => {
  const called: Ranked[] = [];
  const resting: Ranked[] = [];
  ranked.forEach((entry, place) => {
    const admission = admissions[place];
    if (admission === undefined || isReady(admission)) called.push(entry);
    else resting.push({ ...entry, reason: `${entry.reason}; put last, because ${admission.reason}` });
  });
  return resting.length === 0 ? ranked : [...called, ...resting];
};

const noneFiltered: readonly FilteredOut[] = [];
const asFilteredOut = ({ candidate, reason }: FilteredOut): DecisionCandidate => ({
  target: candidate.target.id,
  reason,
  excluded: true,
});
const nonePassedOver: readonly DecisionCandidate[] = [];
const asPassedOver = ({ candidate, obstacle }: Excluded): DecisionCandidate => ({
  target: candidate.target.id,
  reason: `${obstacle.field}: ${obstacle.reason}`,
  excluded: true,
});

interface Outcome {
  readonly route: CompiledRoute;
  readonly reason: string;
  readonly feasible: number;
  readonly text: string;
}

/** What was said last of each candidate that came first: the next call's outcome is mostly the same. */
const said = new WeakMap<Candidate, Outcome>();

const summary = ({ route }: Call, [first]: readonly Ranked[], feasible: number): string => {
  const known = first === undefined ? undefined : said.get(first.candidate);
  const isSame = known?.route === route && known.reason === first?.reason && known.feasible === feasible;
  if (known !== undefined && isSame) return known.text;
  const place = `${first?.candidate.target.id} (${first?.reason})`;
  const text = `${route.strategy.kind}: ${place}, ${feasible} of ${route.candidates.length} possible`;
  if (first !== undefined) said.set(first.candidate, { route, reason: first.reason, feasible, text });
  return text;
};

/**
 * Constraints first, then the strategy; the decision is recorded on the call. Given at once, unless the health of a
 * target must be asked for elsewhere. Throws `unsupported_parameter`,
 * `context_length_exceeded` or `permission_denied` with every candidate's reason where none can take the call.
 */
export const decide = (call: Call, options: DecideOptions): Plan | Promise<Plan> => {
  const { feasible, excluded } = sift(call, options);
  let passedOver = excluded.length === 0 ? nonePassedOver : excluded.map(asPassedOver);
  if (feasible.length === 0) throw refused(call, passedOver, refusal(call, excluded));
  const ranking = rank(call, feasible, new CallFeatures(call, options));
  const { filtered = noneFiltered } = ranking;
  if (filtered.length > 0) {
    passedOver = [...filtered.map(asFilteredOut), ...passedOver];
    if (ranking.ranked.length === 0) throw refused(call, passedOver, allFiltered(call, passedOver));
  }
  const found = { ranking, passedOver, feasible: feasible.length };
  const ranked = healthyFirst(ranking.ranked, options.health);
  return ranked instanceof Promise ? ranked.then((known) => record(call, known, found)) : record(call, ranked, found);
};

/** What an attempt loop carries out. */
export type Plan = Pick<Ranking, "ranked" | "cascade">;

/** Computed when they are asked for: most strategies need few of them. */
class CallFeatures implements Features {
  readonly sequence: number;
  readonly random: number;
  readonly isDryRun: true | undefined;
  readonly load: Features["load"];
  readonly #scope: Call["scope"];

  constructor({ route, scope }: Call, { loads, random, isDryRun }: DecideOptions) {
    this.#scope = scope;
    this.sequence = isDryRun ? loads.sequenceOf(route.name) : loads.nextSequence(route.name);
    this.isDryRun = isDryRun;
    this.random = random();
    this.load = loads.of;
  }

  get estimatedInputTokens(): number {
    return this.#scope.estimatedInputTokens;
  }
}

const wishedOf = ({ routing }: Call): { readonly wished?: string } => {
  const wished = routing && describeWishes(routing);
  return wished === undefined ? {} : { wished };
};

const refused = (call: Call, candidates: readonly DecisionCandidate[], error: GatewayError): GatewayError => {
  call.scope.decide({
    strategy: call.route.strategy.kind,
    candidates,
    reason: "no candidate could take the call",
    ...call.assignment,
    ...wishedOf(call),
  });
  return error;
};

/** Nobody is wrong about the request: what the route's strategy lets through is not there for it. */
const allFiltered = ({ route }: Call, candidates: readonly DecisionCandidate[]): GatewayError =>
  new GatewayError(
    "no_target_available",
    `The strategy of '${route.name}' lets no target through. ${candidates.map(({ target, reason }) => `${target}: ${reason}`).join("; ")}.`,
  );

interface Found {
  readonly ranking: Ranking & { readonly fallback?: string };
  readonly passedOver: readonly DecisionCandidate[];
  readonly feasible: number;
}

/** With whose call it was, since the store must know it to forget it when it is told to; and with its experiments. */
const ofCall = (detail: DecisionDetail, { caller, request, assignment }: Call): DecisionDetail => {
  const userId = caller.userId ?? ("user" in request ? request.user : undefined);
  return {
    ...detail,
    ...(userId === undefined ? {} : { userId }),
    ...(assignment === undefined ? {} : { arms: assignment.arms }),
  };
};

const record = (call: Call, ranked: readonly Ranked[], { ranking, passedOver, feasible }: Found): Plan => {
  const candidates: DecisionCandidate[] = [];
  for (const { candidate, score, reason } of ranked) candidates.push({ target: candidate.target.id, score, reason });
  const { cascade, detail, fallback, notes } = ranking;
  const decision: Decision = {
    strategy: call.route.strategy.kind,
    candidates: passedOver.length === 0 ? candidates : [...candidates, ...passedOver],
    reason: cascade === undefined ? summary(call, ranked, feasible) : `${call.route.strategy.kind}: ${cascade.reason}`,
  };
  const { assignment, routing } = call;
  const isPlain = fallback === undefined && detail === undefined && assignment === undefined && routing === undefined;
  if (isPlain) call.scope.decide(decision);
  else
    call.scope.decide({
      ...decision,
      ...wishedOf(call),
      ...(fallback === undefined ? {} : { fallback }),
      ...(detail === undefined ? {} : { detail: ofCall(detail, call) }),
      ...assignment,
    });
  if (notes !== undefined) for (const note of notes) call.scope.note(note);
  return cascade === undefined ? { ranked } : { ranked, cascade };
};

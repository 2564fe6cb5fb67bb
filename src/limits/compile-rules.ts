import type { Call } from "../core/call.ts";
import type { Caller } from "../core/caller.ts";
import type { KeyLimit, WindowName } from "../core/key-scope.ts";
import type { Target } from "../core/model.ts";
import type { Claim, LimitScope } from "../core/ports/limits.ts";
import { type Priority, usualPriority } from "../core/priority.ts";
import type { CompiledRoute } from "../core/route.ts";
import type { LimitRule } from "./settings.ts";
import { namesTeam, teamSubject } from "./team-subject.ts";

/** How long each window is. */
export const windowMilliseconds: Readonly<Record<WindowName, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** Callers without a key, where the gateway lets them in: all of them count as one. */
export const withoutKey = "none";

type Limits = Pick<Claim, "windowMilliseconds" | "requests" | "tokens" | "concurrent" | "priority">;

interface Compiled {
  readonly scope: LimitScope;
  readonly match: ReadonlySet<string> | undefined;
  /** By the caller's priority; without shares one list for all. */
  readonly limits: Readonly<Record<Priority, readonly Limits[]>>;
}

const compileAmounts = ({ requests, tokens, concurrent, per }: KeyLimit): readonly Limits[] => {
  const limits: Limits[] = [];
  if (per !== undefined)
    limits.push({
      windowMilliseconds: windowMilliseconds[per],
      ...(requests === undefined ? {} : { requests }),
      ...(tokens === undefined ? {} : { tokens }),
    });
  if (concurrent !== undefined) limits.push({ windowMilliseconds: 0, concurrent });
  return limits;
};

/** Rounded down, and 28 of 100 at 0.28: fifteen digits take back what the product of binary fractions is off. */
const shareOf = (amount: number, share: number): number => Math.floor(Number((amount * share).toPrecision(15)));

const shareLimits = (
  limits: readonly Limits[],
  { priority, share }: { readonly priority: Priority; readonly share: number },
): readonly Limits[] => {
  if (share === 1) return limits;
  return limits.map(({ windowMilliseconds, requests, tokens, concurrent }) => ({
    ...{ windowMilliseconds, priority },
    ...(requests === undefined ? {} : { requests: shareOf(requests, share) }),
    ...(tokens === undefined ? {} : { tokens: shareOf(tokens, share) }),
    ...(concurrent === undefined ? {} : { concurrent: shareOf(concurrent, share) }),
  }));
};

const compile = ({ scope, match, shares, ...amounts }: LimitRule): Compiled => {
  const normal = shares?.normal ?? 1;
  const low = shares?.low ?? normal;
  const limits = compileAmounts(amounts);
  return {
    scope,
    limits: {
      high: limits,
      normal: shareLimits(limits, { priority: "normal", share: normal }),
      low: shareLimits(limits, { priority: "low", share: low }),
    },
    match: match === undefined ? undefined : new Set([match].flat()),
  };
};

/** By the key's own list, which is the same object with each call of the key. */
const ofKeys = new WeakMap<readonly KeyLimit[], readonly Limits[]>();
const limitsOfKey = (own: readonly KeyLimit[]): readonly Limits[] => {
  const known = ofKeys.get(own);
  if (known !== undefined) return known;
  const compiled = own.flatMap(compileAmounts);
  ofKeys.set(own, compiled);
  return compiled;
};

/** Under which name a target's model counts: as the rule writes it, with its provider or without. */
const modelSubject = ({ id, model }: Target, match: Compiled["match"]): string | undefined => {
  if (match === undefined) return model;
  return match.has(id) ? id : match.has(model) ? model : undefined;
};

const named = (name: string | null, { match }: Compiled): readonly string[] =>
  name !== null && (match === undefined || match.has(name)) ? [name] : [];

const ofTeam = ({ tenant, team }: Caller, { match }: Compiled): readonly string[] => {
  if (team === null) return [];
  const subject = teamSubject({ tenant, team });
  return match === undefined || namesTeam(match, subject) ? [subject] : [];
};

const subjectsOf = (rule: Compiled, { caller, route }: Call): readonly string[] => {
  switch (rule.scope) {
    case "key":
      return named(caller.keyId ?? withoutKey, rule);
    case "team":
      return ofTeam(caller, rule);
    case "tenant":
      return named(caller.tenant, rule);
    case "route":
      // The name of an implicit route is whatever the client wrote.
      return named(route.kind === "declared" ? route.name : null, rule);
    case "model":
      return route.candidates.flatMap(({ target }) => modelSubject(target, rule.match) ?? []);
    case "everyone":
      return [""];
  }
};

/** Whether a target's use counts against a claim of a model. */
export const concerns = ({ scope, subject }: Claim, target: Pick<Target, "id" | "model">): boolean =>
  scope !== "model" || subject === target.model || subject === target.id;

const lesser = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);

/** Two rules for the same counter: the stricter of each limit holds, and nothing is counted twice. */
const join = (left: Claim, right: Limits): Claim => {
  const requests = lesser(left.requests, right.requests);
  const tokens = lesser(left.tokens, right.tokens);
  const concurrent = lesser(left.concurrent, right.concurrent);
  const priority = left.priority ?? right.priority;
  return {
    scope: left.scope,
    subject: left.subject,
    windowMilliseconds: left.windowMilliseconds,
    ...(requests === undefined ? {} : { requests }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(concurrent === undefined ? {} : { concurrent }),
    ...(priority === undefined ? {} : { priority }),
  };
};

const put = (claims: Claim[], claim: Claim): void => {
  const place = claims.findIndex(
    ({ scope, subject, windowMilliseconds }) =>
      scope === claim.scope && subject === claim.subject && windowMilliseconds === claim.windowMilliseconds,
  );
  const same = claims[place];
  if (same === undefined) claims.push(claim);
  else claims[place] = join(same, claim);
};

/** Rules that look at who calls, and at how its call is carried: no claim of the one kind has a counter of the other's. */
const looksAtRoute = ({ scope }: Compiled): boolean => scope === "route" || scope === "model";

const claimsBy = (rules: readonly Compiled[], call: Call): Claim[] => {
  const claims: Claim[] = [];
  const { priority = usualPriority } = call.caller;
  for (const rule of rules)
    for (const subject of subjectsOf(rule, call))
      for (const limits of rule.limits[priority]) put(claims, { scope: rule.scope, subject, ...limits });
  return claims;
};

const claimsOfCaller = (rules: readonly Compiled[], call: Call): readonly Claim[] => {
  const claims = claimsBy(rules, call);
  const { keyId, limits: own } = call.caller;
  if (own !== undefined && keyId !== null)
    for (const limits of limitsOfKey(own)) put(claims, { scope: "key", subject: keyId, ...limits });
  return claims;
};

/**
 * What each call counts against, by the configuration's rules and by limits of its key's own. The same callers come
 * through the same routes again and again, each the same object, so what counts for each is put together once.
 */
export const compileRules = (rules: readonly LimitRule[]): ((call: Call) => readonly Claim[]) => {
  const compiled = rules.map(compile);
  const ofCallers = compiled.filter((rule) => !looksAtRoute(rule));
  const ofRoutes = compiled.filter(looksAtRoute);
  const byCaller = new WeakMap<Caller, readonly Claim[]>();
  const byRoute: Readonly<Record<Priority, WeakMap<CompiledRoute, readonly Claim[]>>> = {
    high: new WeakMap(),
    normal: new WeakMap(),
    low: new WeakMap(),
  };
  const callerClaims = (call: Call): readonly Claim[] => {
    const known = byCaller.get(call.caller);
    if (known !== undefined) return known;
    const claims = claimsOfCaller(ofCallers, call);
    byCaller.set(call.caller, claims);
    return claims;
  };
  const routeClaims = (call: Call): readonly Claim[] => {
    const routes = byRoute[call.caller.priority ?? usualPriority];
    const known = routes.get(call.route);
    if (known !== undefined) return known;
    const claims = claimsBy(ofRoutes, call);
    routes.set(call.route, claims);
    return claims;
  };
  if (ofRoutes.length === 0) return callerClaims;
  return (call) => {
    const own = callerClaims(call);
    const common = routeClaims(call);
    return common.length === 0 ? own : own.length === 0 ? common : [...own, ...common];
  };
};

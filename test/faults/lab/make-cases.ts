import { SeededRandom } from "../../support/seeded-random.ts";
import { edges } from "../client/edges.ts";
import { upstreamSecret } from "../upstream/answer-request.ts";
import { seedOf } from "../upstream/answer-text.ts";
import { dialects, type UpstreamDialect } from "../upstream/asked.ts";
import type { FaultyUpstream } from "../upstream/start.ts";
import type { Case, CaseTarget } from "./case-outcome.ts";
import type { Row, Scenario, TargetPlan } from "./scenario.ts";

/** What a row's cases are narrowed to. */
export interface Selection {
  readonly seeds: readonly number[];
  /** Upstream's dialects that are asked; all where absent. */
  readonly dialects?: readonly UpstreamDialect[];
  /** Keeps the first so many cases of each scenario and seed, drawn at random; all where absent. */
  readonly perScenario?: number;
}

const placeOf: Readonly<Record<NonNullable<TargetPlan["at"]>, string>> = {
  "closed port": "closed",
  "unknown name": "nowhere",
  "bad certificate": "untrusted",
};

/** The other dialect that a fallback speaks, so that answers are translated anew in the middle of a call. */
const otherThan = (dialect: UpstreamDialect, seed: number): UpstreamDialect =>
  dialects[(dialects.indexOf(dialect) + 1 + (seed % dialects.length)) % dialects.length] ?? dialect;

const targetsOf = (scenario: Scenario, one: Omit<Case, "targets">, random: SeededRandom): readonly CaseTarget[] => {
  const plans = typeof scenario.targets === "function" ? scenario.targets(random) : scenario.targets;
  const allowed = scenario.dialects ?? dialects;
  return plans.map((plan, place) => {
    const other = otherThan(one.dialect, one.seed + place);
    const spoken = plan.dialect ?? (place === 0 || !allowed.includes(other) ? one.dialect : other);
    const provider = [plan.at === undefined ? plan.believed : placeOf[plan.at], spoken].filter(Boolean).join("-");
    return { ...plan, provider, model: `${plan.does === "" ? "" : `${plan.does}--`}${one.id}t${place}` };
  });
};

/** The cases of a row. The same seeds make the same cases. */
export const makeCases = (row: Row, { seeds, dialects: only, perScenario }: Selection): readonly Case[] => {
  const all: Case[] = [];
  for (const [place, scenario] of (row.scenarios ?? []).entries())
    for (const seed of seeds) {
      const random = new SeededRandom(seedOf(`${row.number} ${place} ${seed}`));
      const combinations = (scenario.dialects ?? dialects)
        .filter((dialect) => only === undefined || only.includes(dialect))
        .flatMap((dialect) =>
          (scenario.edges ?? edges).flatMap((edge) =>
            (scenario.shapes ?? (["whole", "stream"] as const)).map((shape) => ({ dialect, edge, shape })),
          ),
        )
        .map((combination) => ({ combination, order: random.next() }));
      const kept =
        perScenario === undefined
          ? combinations
          : combinations.toSorted((left, right) => left.order - right.order).slice(0, perScenario);
      for (const { combination } of kept) {
        const one = { ...combination, id: `r${row.number}c${all.length}`, scenario, seed };
        all.push({ ...one, targets: targetsOf(scenario, one, random) });
      }
    }
  return all;
};

const kindOf: Readonly<Record<UpstreamDialect, string>> = {
  openai: "openai-compatible",
  anthropic: "anthropic",
  gemini: "gemini",
  ollama: "ollama",
};

/** USD per million tokens: whole numbers of the ledger's unit for each token. */
export const price = { input: 1, output: 2 } as const;
const facts = { price, contextTokens: 200_000, maxOutputTokens: 8_000, tools: true, reasoning: false };

type Place = readonly [name: string, baseUrl: string, options?: object];

/** The providers of one dialect: where its targets may be, and what may be said of them. */
const placesOf = (
  dialect: UpstreamDialect,
  { upstream, closedPort }: { upstream: FaultyUpstream; closedPort: number },
): readonly Place[] => {
  const url = upstream.baseUrl(dialect);
  const path = new URL(url).pathname;
  const modes = dialect === "gemini" ? [] : (["continues", "echoes"] as const);
  return [
    [dialect, url],
    [`closed-${dialect}`, `http://127.0.0.1:${closedPort}${path}`],
    [`nowhere-${dialect}`, `http://nowhere.invalid${path}`],
    [`untrusted-${dialect}`, `https://127.0.0.1:${upstream.tlsPort}${path}`],
    ...modes.map((prefill): Place => [`${prefill}-${dialect}`, url, { prefill }]),
  ];
};

const idOf = ({ provider, model }: CaseTarget): string => `${provider}/${model}`;

const routeOf = ({ scenario, targets }: Case) => {
  const { cascade, route } = scenario;
  const ids = targets.map(idOf);
  if (cascade === undefined) return { ...route, targets: ids };
  const steps = cascade.steps.map((step) => step.map((place) => ids[place]));
  return { ...route, targets: ids, strategy: { kind: "cascade", accept: cascade.accept, steps } };
};

/** The gateway's configuration for these cases: a route for each, named by the case's id. */
export const configurationFor = (
  row: Pick<Row, "configuration">,
  cases: readonly Case[],
  { upstream, closedPort }: { upstream: FaultyUpstream; closedPort: number },
): Readonly<Record<string, unknown>> => {
  const targets = cases.flatMap((one) => one.targets);
  const models = Map.groupBy(targets, ({ provider }) => provider);
  const providers = dialects.flatMap((dialect) =>
    placesOf(dialect, { upstream, closedPort }).map(([name, baseUrl, options]) => [
      name,
      {
        kind: kindOf[dialect],
        baseUrl,
        apiKey: upstreamSecret,
        models: Object.fromEntries((models.get(name) ?? []).map(({ model }) => [model, facts])),
        ...(options === undefined ? {} : { options }),
      },
    ]),
  );
  const routes = cases.map((one) => [one.id, routeOf(one)]);
  return {
    providers: { ...Object.fromEntries(providers), ballast: { kind: "mock", models: { mock: {} } } },
    routes: Object.fromEntries(routes),
    logging: { format: "json" },
    ...row.configuration,
  };
};

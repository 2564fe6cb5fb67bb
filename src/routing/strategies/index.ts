import { z } from "zod";
import type {
  ListStrategy,
  Strategy,
  StrategyDefinition,
  StrategyParts,
  StrategyProblem,
} from "../../core/ports/strategy.ts";
import { learned } from "../learned/strategy.ts";
import { affinityDefinition } from "./affinity.ts";
import { balanced } from "./balanced.ts";
import { byTags } from "./by-tags.ts";
import { capabilityMatch } from "./capability-match.ts";
import { cascade } from "./cascade.ts";
import { complexityDefinition } from "./complexity.ts";
import { composedDefinition } from "./composed.ts";
import { costFirst } from "./cost-first.ts";
import { leastBusy } from "./least-busy.ts";
import { leastLatency } from "./least-latency.ts";
import type { NestedStrategies, StrategySettings } from "./nested-strategies.ts";
import { priority } from "./priority.ts";
import { qualityFirst } from "./quality-first.ts";
import { random } from "./random.ts";
import { byRegion } from "./regions.ts";
import { roundRobin } from "./round-robin.ts";
import { rulesDefinition } from "./rules/rules.ts";
import { semanticDefinition } from "./semantic.ts";
import { trust } from "./trust.ts";
import { usageHeadroom } from "./usage-headroom.ts";
import { weighted } from "./weighted.ts";

export type { StrategySettings } from "./nested-strategies.ts";

/** Strategies without options and without state. */
export const plainStrategies = {
  priority,
  "round-robin": roundRobin,
  weighted,
  random,
  "least-latency": leastLatency,
  "least-busy": leastBusy,
  "cost-first": costFirst,
} as const satisfies Record<string, ListStrategy>;

const withoutOptions = (strategy: ListStrategy): StrategyDefinition<object> => ({
  kind: strategy.kind,
  options: z.strictObject({}),
  create: () => strategy,
});

/** For strategies that hold others. */
const nested: NestedStrategies = {
  schema: z.lazy((): z.ZodType<StrategySettings> => strategySchema),
  create: (settings, parts) => createStrategy(settings, parts),
  filters: (settings) => strategyFilters(settings),
  problems: (settings, targets) => strategyProblems(settings, targets),
};

const composed = composedDefinition(nested);

/** Every strategy that has a kind of its own. One line each. */
const definitions = [
  ...Object.values(plainStrategies).map(withoutOptions),
  qualityFirst,
  balanced,
  usageHeadroom,
  capabilityMatch,
  trust,
  byRegion,
  byTags,
  affinityDefinition(nested),
  semanticDefinition(nested),
  complexityDefinition(nested),
  rulesDefinition(nested),
  cascade,
  learned,
] as readonly unknown[] as readonly StrategyDefinition[];

/** Every strategy, by the name that stands under `strategy.kind`. */
export const strategyDefinitions: ReadonlyMap<string, StrategyDefinition> = new Map(
  definitions.map((definition) => [definition.kind, definition]),
);

const withKind = (kind: z.ZodType, { options }: StrategyDefinition<never>) =>
  z.strictObject({ kind, ...(options as unknown as z.ZodObject).shape });

/** What stands under a route's `strategy`: a kind, and its options beside it; or, without a kind, a composition. */
export const strategySchema = z.discriminatedUnion("kind", [
  withKind(z.literal("composed").optional(), composed as StrategyDefinition<never>),
  ...definitions.map((definition) => withKind(z.literal(definition.kind), definition as StrategyDefinition<never>)),
] as unknown as [z.ZodObject<{ kind: z.ZodLiteral<string> }>]) as unknown as z.ZodType<StrategySettings>;

const definitionOf = ({ kind = "composed" }: StrategySettings): StrategyDefinition =>
  (kind === "composed" ? composed : strategyDefinitions.get(kind)) as StrategyDefinition;

const optionsOf = ({ kind: _, ...options }: StrategySettings): unknown => options;

/** What is wrong with settings that {@link strategySchema} takes, on a route with these targets. */
export const strategyProblems = (settings: StrategySettings, targets: readonly string[]): readonly StrategyProblem[] =>
  definitionOf(settings).problems?.(optionsOf(settings), targets) ?? [];

/** The strategy that settings name. They were checked against {@link strategySchema}. */
export const createStrategy = (settings: StrategySettings, parts: StrategyParts): Strategy =>
  definitionOf(settings).create(optionsOf(settings), parts);

/** Whether a strategy excludes targets, so that it must stay in force where another one is asked for. */
export const strategyFilters = (settings: StrategySettings): boolean =>
  definitionOf(settings).filters?.(optionsOf(settings)) === true;

/**
 * Strategies that need no options: a key's profile or a client may name one. Whether a route learns, and may try targets
 * out for that, is for whoever declares it.
 */
export const strategyNames: readonly string[] = [...strategyDefinitions.values()]
  .filter(({ kind, options }) => kind !== learned.kind && options.safeParse({}).success)
  .map(({ kind }) => kind);

/** The parts of a strategy that exclude targets. */
const policiesIn = (settings: StrategySettings): readonly StrategySettings[] => {
  if (!strategyFilters(settings)) return [];
  const { kind, filter, rank } = settings;
  if (kind !== undefined && kind !== "composed") return [settings];
  return [...(filter as readonly StrategySettings[]), ...policiesIn(rank as StrategySettings)];
};

/**
 * Settings that rank by another strategy, one without options, and still exclude what the given ones exclude: that is
 * an administrator's rule, the order is a preference.
 */
export const withOtherRank = (settings: StrategySettings, kind: string): StrategySettings => {
  // Its defaults belong to it as if they had been written.
  const rank = strategySchema.parse({ kind });
  const filter = policiesIn(settings);
  return filter.length === 0 ? rank : { filter, rank, tolerance: 0 };
};

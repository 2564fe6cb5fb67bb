import { z } from "zod";
import type { ListStrategy, StrategyDefinition, StrategyParts } from "../../core/ports/strategy.ts";
import { learned } from "../learned/strategy.ts";
import { cascade } from "./cascade.ts";
import { costFirst } from "./cost-first.ts";
import { leastBusy } from "./least-busy.ts";
import { leastLatency } from "./least-latency.ts";
import { priority } from "./priority.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";
import { weighted } from "./weighted.ts";

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

/** Every strategy, by the name that stands under `strategy.kind`. */
export const strategyDefinitions: ReadonlyMap<string, StrategyDefinition> = new Map(
  [...Object.values(plainStrategies).map(withoutOptions), cascade, learned as StrategyDefinition].map((definition) => [
    definition.kind,
    definition as StrategyDefinition,
  ]),
);

/** What stands under a route's `strategy`: a kind, and its options beside it. */
export const strategySchema = z.discriminatedUnion(
  "kind",
  [...strategyDefinitions.values()].map(({ kind, options }) =>
    z.strictObject({ kind: z.literal(kind), ...(options as z.ZodObject).shape }),
  ) as unknown as [z.ZodObject<{ kind: z.ZodLiteral<string> }>],
);
export type StrategySettings = z.output<typeof strategySchema>;

/** What is wrong with settings that {@link strategySchema} takes, on a route with these targets. */
export const strategyProblems = ({ kind, ...options }: StrategySettings, targets: readonly string[]) =>
  strategyDefinitions.get(kind)?.problems?.(options, targets) ?? [];

/** The strategy that settings name. They were checked against {@link strategySchema}. */
export const createStrategy = ({ kind, ...options }: StrategySettings, parts: StrategyParts) =>
  (strategyDefinitions.get(kind) as StrategyDefinition).create(options, parts);

/** Strategies that need no options: a key's profile may name one. */
export const strategyNames: readonly string[] = [...strategyDefinitions.values()]
  .filter(({ options }) => options.safeParse({}).success)
  .map(({ kind }) => kind);

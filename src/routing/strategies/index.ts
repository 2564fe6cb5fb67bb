import type { Strategy } from "../../core/ports/strategy.ts";
import { costFirst } from "./cost-first.ts";
import { leastBusy } from "./least-busy.ts";
import { leastLatency } from "./least-latency.ts";
import { priority } from "./priority.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";
import { weighted } from "./weighted.ts";

/** Every strategy, by the name that stands under `strategy.kind`. */
export const strategies = {
  priority,
  "round-robin": roundRobin,
  weighted,
  random,
  "least-latency": leastLatency,
  "least-busy": leastBusy,
  "cost-first": costFirst,
} as const satisfies Record<string, Strategy>;

export type StrategyKind = keyof typeof strategies;
export const strategyNames = Object.keys(strategies) as readonly StrategyKind[];

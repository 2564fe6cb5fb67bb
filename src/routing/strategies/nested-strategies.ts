import type { z } from "zod";
import type { NamedTarget, Strategy, StrategyParts } from "../../core/ports/strategy.ts";

/** A strategy as the configuration has it: a kind, or a composition, with its options beside it. */
export interface StrategySettings {
  readonly kind?: string | undefined;
  readonly [option: string]: unknown;
}

/** What strategies that hold others need of all of them. */
export interface NestedStrategies {
  readonly schema: z.ZodType<StrategySettings>;
  create(settings: StrategySettings, parts: StrategyParts): Strategy;
  filters(settings: StrategySettings): boolean;
  targets(settings: StrategySettings): readonly NamedTarget[];
}

/** Names of targets in a strategy that stands at a path of another one's options. */
export const targetsBelow = (
  path: NamedTarget["path"],
  settings: StrategySettings | undefined,
  nested: NestedStrategies,
): readonly NamedTarget[] =>
  settings === undefined ? [] : nested.targets(settings).map((named) => ({ ...named, path: [...path, ...named.path] }));

/** Names of targets in a list at a path. */
export const targetsIn = (path: NamedTarget["path"], names: readonly string[] = []): readonly NamedTarget[] =>
  names.map((name, index) => ({ path: [...path, index], name }));

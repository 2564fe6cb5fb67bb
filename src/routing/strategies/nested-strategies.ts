import type { z } from "zod";
import { namesTarget } from "../../core/names-target.ts";
import type { Strategy, StrategyParts, StrategyProblem } from "../../core/ports/strategy.ts";

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
  problems(settings: StrategySettings, targets: readonly string[]): readonly StrategyProblem[];
}

type Path = StrategyProblem["path"];

/** What is wrong with a strategy that stands at a path of another one's options. */
export const problemsAt = (path: Path, found: readonly StrategyProblem[]): readonly StrategyProblem[] =>
  found.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));

const isNamed = (name: string, target: string): boolean => {
  const slash = target.indexOf("/");
  return namesTarget(name, { id: target, provider: target.slice(0, slash), model: target.slice(slash + 1) });
};

/** A strategy that speaks of a target which the route does not have would never do what it says. */
export const unknownName = (path: Path, name: string, targets: readonly string[]): readonly StrategyProblem[] =>
  targets.some((target) => isNamed(name, target))
    ? []
    : [
        {
          path,
          message: `stands for none of the route's targets (${targets.join(", ")}): write a target, its model's name, or provider/*`,
        },
      ];

/** The same of a list of names at a path. */
export const unknownNames = (
  path: Path,
  names: readonly string[] | undefined,
  targets: readonly string[],
): readonly StrategyProblem[] => (names ?? []).flatMap((name, index) => unknownName([...path, index], name, targets));

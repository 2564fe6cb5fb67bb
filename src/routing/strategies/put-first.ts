import { namesTarget } from "../../core/names-target.ts";
import type { Ranked, Ranking } from "../../core/ports/strategy.ts";
import type { Candidate } from "../../core/route.ts";

/** A ranking with some of its candidates before all others, which keep their order. What it planned else is dropped. */
export const putFirst = (first: readonly Ranked[], { ranked, filtered, notes }: Ranking): Ranking => {
  const chosen = new Set(first.map(({ candidate }) => candidate));
  const least = Math.min(0, ...first.map(({ score }) => score));
  const rest = ranked.filter(({ candidate }) => !chosen.has(candidate));
  return {
    ranked: [...first, ...rest.map((entry, index) => ({ ...entry, score: least - 1 - index }))],
    ...(filtered === undefined ? {} : { filtered }),
    ...(notes === undefined ? {} : { notes }),
  };
};

/** The candidates that names stand for, in the names' order, each once, with scores from `score` downwards. */
export const listed = (
  names: readonly string[],
  candidates: readonly Candidate[],
  { score, reason }: Pick<Ranked, "score" | "reason">,
): readonly Ranked[] => {
  const found = new Set(names.flatMap((name) => candidates.filter(({ target }) => namesTarget(name, target))));
  return [...found].map((candidate, index) => ({ candidate, score: score - index, reason }));
};

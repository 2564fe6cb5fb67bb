import type { Ranked, Ranking } from "../../core/ports/strategy.ts";

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

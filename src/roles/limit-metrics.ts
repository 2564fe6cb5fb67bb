import { windowNames } from "../core/key-scope.ts";
import { windowMilliseconds } from "../limits/compile-rules.ts";
import type { Tally } from "../limits/counter-table.ts";
import { type MetricFamily, named, type Sample } from "../telemetry/exposition.ts";

/** Who counts calls against limits. */
export interface TalliedLimits {
  tallies(): readonly Tally[];
}

type Labels = Sample["labels"];

/** Calls that are open at once have no window. */
const perOf = (window: number): string => windowNames.find((name) => windowMilliseconds[name] === window) ?? "none";

const labelsOf = ({ scope, windowMilliseconds: window }: Tally): Labels => [
  ["scope", scope],
  ["per", perOf(window)],
];

const refusalsOf = (tally: Tally): readonly Sample[] =>
  Object.entries(tally.refused)
    .filter(([, value]) => value > 0)
    .map(([amount, value]) => ({ suffix: "", labels: [...labelsOf(tally), ["amount", amount]], value }));

/**
 * One line for each scope and window, however many keys or teams there are. Empty before any call met a limit. Absent
 * where another process counts, and shows what it counted.
 */
export const limitFamilies = (limits: TalliedLimits | undefined): readonly MetricFamily[] => {
  const tallies = limits?.tallies() ?? [];
  if (tallies.length === 0) return [];
  return [
    {
      name: named("limit_grants_total"),
      help: "Calls that the limits of a scope and window let on; a call counts once for each.",
      type: "counter",
      samples: tallies.map((tally) => ({ suffix: "", labels: labelsOf(tally), value: tally.granted })),
    },
    {
      name: named("limit_refusals_total"),
      help: "Calls, or models of their routes, that a limit refused, by what there was too little of.",
      type: "counter",
      samples: tallies.flatMap(refusalsOf),
    },
  ];
};

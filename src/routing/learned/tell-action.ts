import type { CascadeChances, DecisionDetail, ExpectedAction } from "../../core/decision.ts";
import type { Ranking } from "../../core/ports/strategy.ts";
import type { Weighed } from "./weigh.ts";

/** Four digits are more than any of it is good for. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

/** As it stands in the decision. */
export const asExpected = (weighed: Weighed): ExpectedAction => ({
  action: weighed.action,
  quality: rounded(weighed.quality),
  lower: rounded(weighed.lower),
  upper: rounded(weighed.upper),
  costUsd: rounded(weighed.costUsd),
  latencyMilliseconds: Math.round(weighed.latencyMilliseconds),
  utility: rounded(weighed.utility),
  terms: Object.fromEntries(Object.entries(weighed.terms).map(([name, part]) => [name, rounded(part)])),
});

/** Why it stands where it does, for people. */
export const reasonOf = ({ quality, lower, upper, costUsd }: Weighed): string =>
  `${quality.toFixed(2)} good (${lower.toFixed(2)}–${upper.toFixed(2)}), about ${costUsd.toFixed(6)} USD`;

const shown = (probability: number): string => probability.toFixed(2);

/** How an action is to be carried out: a cascade, before those of the ranking are tried one by one. */
export const planOf = ({ action, cascade }: Weighed, reason: string): Pick<Ranking, "cascade"> => {
  if (cascade === undefined) return {};
  const { kind, expected } = cascade.detail;
  const how =
    kind === "agreement"
      ? `the first two agree in ${shown(expected.settles)}, and are right then in ${shown(expected.right)}`
      : `the first passes in ${shown(expected.settles)}, and is right then in ${shown(expected.right)}`;
  return {
    cascade: { kind, steps: cascade.steps, needed: 2, reason: `${action} (${reason}; ${how})` },
  };
};

/** Four digits are more than any of it is good for. */
export const roundedChances = (chances: CascadeChances): CascadeChances => ({
  settles: rounded(chances.settles),
  right: rounded(chances.right),
  otherwise: rounded(chances.otherwise),
});

/** What was thought of it, where it is a cascade. */
export const cascadeDetailOf = ({ cascade }: Weighed): Pick<DecisionDetail, "cascade"> => {
  if (cascade === undefined) return {};
  const { kind, expected, assumed } = cascade.detail;
  return { cascade: { kind, expected: roundedChances(expected), assumed: roundedChances(assumed) } };
};

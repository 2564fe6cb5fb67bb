import type { CascadeChances } from "../../../core/decision.ts";
import { type CascadePlan, cascadeAction } from "../../../core/plan.ts";
import type { Belief } from "../online/logits.ts";
import { logit, sigmoid } from "../online/logits.ts";
import { useTerms } from "../online/use-terms.ts";
import { type Known, spentOn, type Weighed, type WeighedTarget, type Weights, worthOf } from "../weigh.ts";
import { type CascadeParts, partsOf } from "./cascade-parts.ts";
import { agreementChances, checkedChances, hardlySettles, qualityFrom, whereSettled } from "./chances.ts";
import { type CascadeShape, possibleCascades } from "./possible-cascades.ts";

/** Cascades that are weighed beside the targets, at most. */
export const mostCascades = 24;
/**
 * Quality that a cascade must bring beyond what it costs: more can go wrong in several calls than in one, and a stream
 * stays silent until the answers of its first step are whole.
 */
const waiting = { whole: 0.01, streamed: 0.02 } as const;
/** The term of a cascade's quality that follows from its targets' qualities. */
const membersTerm = "its targets";

/** What a model file says of a cascade, given its targets' qualities in their order; undefined where it knows nothing. */
export type TrainedCascades = (action: string, qualities: readonly number[]) => CascadeChances | undefined;

interface Offer {
  readonly kinds: readonly CascadePlan["kind"][];
  readonly known: Pick<Known, "use" | "learning">;
  readonly weights: Weights;
  readonly isWarm: boolean;
  readonly answers: keyof typeof waiting;
  readonly trained: TrainedCascades | undefined;
}

interface Believed {
  readonly expected: CascadeChances;
  readonly assumed: CascadeChances;
  /** Of the quality, in squared logits. */
  readonly variance: number;
}

/** Variance of a probability whose logit has this one, to first order. */
const spreadOf = (probability: number, variance: number): number => (probability * (1 - probability)) ** 2 * variance;

/** What use makes of what is thought beforehand. `last`: quality of the last target by itself. */
const believe = (
  before: CascadeChances,
  { parts, last }: { readonly parts: CascadeParts; readonly last: number },
  { use, learning }: Offer["known"],
): Believed => {
  const { spread } = learning.options;
  const unknown: Belief = { mean: 0, variance: spread.all + spread.target + spread.cluster };
  const read = (part: keyof CascadeParts, chances: CascadeChances, kept = 1) => {
    const { mean, variance } = use?.belief(parts[part]) ?? unknown;
    const probability = sigmoid(logit(chances[part]) + kept * mean);
    return { probability, spread: spreadOf(probability, variance) };
  };
  const settles = read("settles", before);
  const share = settles.probability;
  const assumed = { ...whereSettled(before, share, last), settles: before.settles };
  const right = read("right", assumed);
  const otherwise = read("otherwise", assumed, Math.min(1, share / hardlySettles) ** 2);
  const expected = { settles: share, right: right.probability, otherwise: otherwise.probability };
  const spreadOfQuality =
    (expected.right - expected.otherwise) ** 2 * settles.spread +
    share ** 2 * right.spread +
    (1 - share) ** 2 * otherwise.spread;
  const quality = qualityFrom(expected);
  return { expected, assumed, variance: spreadOfQuality / Math.max(1e-6, quality * (1 - quality)) ** 2 };
};

const weighOne = (targets: readonly WeighedTarget[], { kind, first, last }: CascadeShape, offer: Offer): Weighed => {
  const { known, weights, trained } = offer;
  // By name, so that it is the same cascade in whatever order the route has them.
  const asked = first
    .map((place) => targets[place] as WeighedTarget)
    .toSorted((a, b) => (a.action < b.action ? -1 : 1));
  const after = targets[last] as WeighedTarget;
  const firstAction = cascadeAction(asked.map(({ action }) => action));
  const action = cascadeAction([firstAction, after.action]);
  const qualities = [...asked, after].map(({ quality }) => quality);
  const [one = 0, other = 0, third = 0] = qualities;
  const before =
    kind === "agreement"
      ? (trained?.(action, qualities) ?? agreementChances(one, other, third))
      : checkedChances(one, other);
  const parts = partsOf(kind, firstAction, action);
  const { expected, assumed, variance } = believe(before, { parts, last: after.quality }, known);
  const goesOn = 1 - expected.settles;
  const costUsd = asked.reduce((sum, member) => sum + member.costUsd, 0) + goesOn * after.costUsd;
  const latencyMilliseconds =
    Math.max(...asked.map((member) => member.latencyMilliseconds)) + goesOn * after.latencyMilliseconds;
  const whole = logit(qualityFrom(expected));
  const fromMembers = logit(qualityFrom(assumed));
  const spent = spentOn({ costUsd, latencyMilliseconds, changesVoice: offer.isWarm }, weights) + waiting[offer.answers];
  return {
    action,
    ...{ costUsd, latencyMilliseconds },
    ...worthOf(whole, variance, spent),
    terms: { [membersTerm]: fromMembers, [useTerms.rewards]: whole - fromMembers },
    cascade: {
      detail: { kind, expected, assumed },
      steps: [asked.map(({ candidate }) => candidate), [after.candidate]],
    },
  };
};

/** The cascades that are worth weighing for a prompt, given what its targets are worth: the most promising ones. */
export const weighCascades = (targets: readonly WeighedTarget[], offer: Offer): readonly Weighed[] => {
  const { kinds, weights } = offer;
  const weighed = possibleCascades(targets, { kinds, lambda: weights.lambda }).map((shape) =>
    weighOne(targets, shape, offer),
  );
  if (weighed.length <= mostCascades) return weighed;
  // Of those that are worth about the same, those that are known less: they may turn out to be better.
  const promise = ({ prospect }: Weighed): number => prospect.utility + prospect.doubt / 2;
  return weighed.toSorted((a, b) => promise(b) - promise(a)).slice(0, mostCascades);
};

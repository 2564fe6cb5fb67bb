/** One logged call as an evaluation of another policy sees it. */
export interface LoggedReward {
  /** Probability with which the logged action was taken. Above 0. */
  readonly propensity: number;
  readonly reward: number;
  /** Probability with which the policy to be judged would take the logged action. */
  readonly target: number;
  /** Reward that a model expects of the logged action. */
  readonly expectedLogged: number;
  /** Reward that the model expects of what the judged policy would do. */
  readonly expectedPolicy: number;
}

/** Importance weights above it are cut: bounds the variance, for a little bias (Ionides, 2008). */
export const usualClip = 50;

export interface OffPolicyEstimate {
  readonly value: number;
  /** Standard error of the value. */
  readonly standardError: number;
  readonly calls: number;
  /** So many calls of the judged policy itself would tell as much (Kish): (Σw)²/Σw². */
  readonly effectiveCalls: number;
}

const weightOf = ({ target, propensity }: LoggedReward, clip: number): number => Math.min(clip, target / propensity);

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

export const standardErrorOf = (values: readonly number[]): number => {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
};

/** How many calls the weights are worth; 0 where none has any. */
export const effectiveCallsOf = (weights: readonly number[]): number => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const squares = weights.reduce((total, weight) => total + weight * weight, 0);
  return squares === 0 ? 0 : (sum * sum) / squares;
};

const estimateOf = (values: readonly number[], weights: readonly number[]): OffPolicyEstimate => ({
  value: mean(values),
  standardError: standardErrorOf(values),
  calls: values.length,
  effectiveCalls: effectiveCallsOf(weights),
});

/** Each call's part of {@link inversePropensity}. */
export const inversePropensityTerms = (calls: readonly LoggedReward[], clip = usualClip): readonly number[] =>
  calls.map((call) => weightOf(call, clip) * call.reward);

/** Inverse propensity scoring (Horvitz and Thompson, 1952). */
export const inversePropensity = (calls: readonly LoggedReward[], clip = usualClip): OffPolicyEstimate =>
  estimateOf(
    inversePropensityTerms(calls, clip),
    calls.map((call) => weightOf(call, clip)),
  );

/** The same, divided by the weights' sum (Swaminathan and Joachims, NIPS 2015); error by the delta method. */
export const selfNormalised = (calls: readonly LoggedReward[], clip = usualClip): OffPolicyEstimate => {
  const weights = calls.map((call) => weightOf(call, clip));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const effectiveCalls = effectiveCallsOf(weights);
  if (total === 0) return { value: 0, standardError: Number.POSITIVE_INFINITY, calls: calls.length, effectiveCalls };
  const value = calls.reduce((sum, { reward }, place) => sum + (weights[place] as number) * reward, 0) / total;
  const squares = calls.reduce(
    (sum, { reward }, place) => sum + ((weights[place] as number) * (reward - value)) ** 2,
    0,
  );
  return { value, standardError: Math.sqrt(squares) / total, calls: calls.length, effectiveCalls };
};

/** Each call's part of {@link doublyRobust}: differences of two policies' parts are paired. */
export const doublyRobustTerms = (calls: readonly LoggedReward[], clip = usualClip): readonly number[] =>
  calls.map((call) => call.expectedPolicy + weightOf(call, clip) * (call.reward - call.expectedLogged));

/**
 * Doubly robust (Dudík, Langford and Li, ICML 2011): what the model expects, corrected by what came. Right where either
 * the model or the propensities are.
 */
export const doublyRobust = (calls: readonly LoggedReward[], clip = usualClip): OffPolicyEstimate =>
  estimateOf(
    doublyRobustTerms(calls, clip),
    calls.map((call) => weightOf(call, clip)),
  );

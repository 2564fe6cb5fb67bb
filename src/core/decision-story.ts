import type { AnswerEnding, Decision, DecisionDetail, ExpectedAction } from "./decision.ts";
import type { CallRecord } from "./ledger.ts";
import { toUsd } from "./money.ts";
import { observedReward } from "./observed-reward.ts";
import type { Feedback } from "./ports/learning.ts";

/** What another choice would have given, by what was expected of both; positive is more than the action taken. */
export interface Counterfactual {
  readonly action: string;
  readonly expectedQuality: number;
  readonly expectedCostUsd: number;
  readonly qualityDifference: number;
  readonly costDifferenceUsd: number;
}

/** What was chosen, and between what. */
export interface Choice {
  /** Undefined where the policy took what it did not weigh. */
  readonly taken: ExpectedAction | undefined;
  /** The best of the others, as the policy saw it. */
  readonly runnerUp: ExpectedAction | undefined;
  /** Of every other action, best first. */
  readonly counterfactuals: readonly Counterfactual[];
  readonly cheapest: ExpectedAction | undefined;
  /** The one of the highest expected quality. */
  readonly best: ExpectedAction | undefined;
}

const leastOf = (
  actions: readonly ExpectedAction[],
  weigh: (action: ExpectedAction) => number,
): ExpectedAction | undefined =>
  actions.reduce<ExpectedAction | undefined>(
    (least, action) => (least === undefined || weigh(action) < weigh(least) ? action : least),
    undefined,
  );

/** The choice that a detail tells of. */
export const choiceOf = ({ action, expected }: DecisionDetail): Choice => {
  const taken = expected.find((one) => one.action === action);
  const others = expected.filter((one) => one !== taken).toSorted((a, b) => b.utility - a.utility);
  return {
    taken,
    runnerUp: others[0],
    counterfactuals:
      taken === undefined
        ? []
        : others.map((other) => ({
            action: other.action,
            expectedQuality: other.quality,
            expectedCostUsd: other.costUsd,
            qualityDifference: other.quality - taken.quality,
            costDifferenceUsd: other.costUsd - taken.costUsd,
          })),
    cheapest: leastOf(expected, ({ costUsd }) => costUsd),
    best: leastOf(expected, ({ quality }) => -quality),
  };
};

const number = (value: number, digits: number): string =>
  Number.isFinite(value) ? String(Number(value.toFixed(digits))) : "unknown";
const percent = (share: number): string => (Number.isFinite(share) ? `${number(share * 100, 1)} %` : "unknown");
/** Three digits that say something, however little it is. */
const usd = (amount: number): string => {
  if (!Number.isFinite(amount)) return "an unknown cost";
  const size = Math.abs(amount);
  if (size === 0 || size >= 1) return `$${size.toFixed(2)}`;
  const decimals = Math.min(12, 2 - Math.floor(Math.log10(size)));
  return `$${size.toFixed(Math.max(2, decimals)).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
};
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const expectation = ({ quality, lower, upper, costUsd, latencyMilliseconds }: ExpectedAction): string => {
  const latency = latencyMilliseconds === undefined ? "" : `, ${number(latencyMilliseconds, 0)} ms`;
  return `${percent(quality)} (${percent(lower)} to ${percent(upper)}) good enough, ${usd(costUsd)}${latency}`;
};

const mostTerms = 3;
const tellTerms = ({ terms = {} }: ExpectedAction): readonly string[] => {
  const largest = Object.entries(terms)
    .toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .slice(0, mostTerms)
    .map(([name, weight]) => `${name} ${weight < 0 ? "−" : "+"}${number(Math.abs(weight), 2)}`);
  return largest.length === 0 ? [] : [`What weighed most in that, in logits: ${largest.join(", ")}.`];
};

const tellCounterfactual = (other: Counterfactual): string => {
  const { action, qualityDifference: quality, costDifferenceUsd: cost } = other;
  const points = `${number(Math.abs(quality) * 100, 1)} points ${quality < 0 ? "less" : "more"} quality`;
  return `${action} instead: ${points}, ${usd(cost)} ${cost < 0 ? "less" : "more"}.`;
};

const tellTaken = (detail: DecisionDetail, { taken, runnerUp }: Choice): readonly string[] => {
  const why = detail.explored === true ? "to learn from it, not because it was thought best" : "as the best";
  const rival =
    runnerUp === undefined
      ? []
      : [
          `Runner-up: ${runnerUp.action}, ${expectation(runnerUp)}` +
            `${taken === undefined ? "" : `; worth ${number(runnerUp.utility, 4)} against ${number(taken.utility, 4)}`}.`,
        ];
  return [
    `Policy ${detail.policy} (${detail.version}) took ${detail.action} ${why}, with a probability of ${percent(detail.propensity)}.`,
    ...(taken === undefined ? [] : [`Expected of it: ${expectation(taken)}.`, ...tellTerms(taken)]),
    ...rival,
  ];
};

const mostCounterfactuals = 5;

const tellBounds = ({ binding, lambda, taskKind, complexity }: DecisionDetail): readonly string[] => [
  `What bound the choice: ${binding}${lambda === undefined ? "" : `; one whole answer more was worth ${usd(lambda)}`}.`,
  ...(taskKind === undefined && complexity === undefined
    ? []
    : [`The prompt was taken for ${[complexity, taskKind].filter((word) => word !== undefined).join(" ")}.`]),
];

const tellTrials = ({ arms, detail, beside }: Decision): readonly string[] => [
  ...Object.entries(arms ?? detail?.arms ?? {}).map(
    ([experiment, arm]) => `Part of the experiment ${experiment}, in its arm ${arm}.`,
  ),
  ...(beside === undefined
    ? []
    : [`No client asked: it is ${beside.kind === "shadow" ? "the shadow of" : "the judge's word on"} ${beside.call}.`]),
];

const tellAnswer = ({ target, outcome, costPicoUsd, durationMilliseconds }: CallRecord): string =>
  `${target === null ? "No target answered" : `${target} answered`} (${outcome}): it did cost ${usd(toUsd(costPicoUsd))} ` +
  `and took ${number(durationMilliseconds, 0)} ms.`;

const endings: Readonly<Record<AnswerEnding, string>> = {
  length: "The answer ran into its limit of tokens.",
  refusal: "The model declined to answer.",
  contentFilter: "The provider's filter ended the answer.",
};

const tellChoice = (detail: DecisionDetail): readonly string[] => {
  const choice = choiceOf(detail);
  const { cheapest, best } = choice;
  return [
    ...tellTaken(detail, choice),
    ...tellCascade(detail),
    ...choice.counterfactuals.slice(0, mostCounterfactuals).map(tellCounterfactual),
    ...tellBounds(detail),
    ...(cheapest === undefined || best === undefined
      ? []
      : [
          `The cheapest, ${cheapest.action}, was expected to cost ${usd(cheapest.costUsd)}, ` +
            `the best, ${best.action}, ${usd(best.costUsd)}.`,
        ]),
  ];
};

const tellFeedback = (feedback: readonly Feedback[]): readonly string[] => {
  const reward = observedReward(feedback);
  if (reward === undefined) return ["Nobody has said yet how good the answer was."];
  const words = feedback.map(({ source, reward: one }) => `${source} ${number(one, 2)}`);
  return [`Feedback: ${words.join(", ")}; taken together ${number(reward, 2)} of 1.`];
};

const tellCascade = ({ cascade, action }: DecisionDetail): readonly string[] => {
  if (cascade === undefined) return [];
  const { kind, expected, settledAtStep } = cascade;
  const [ways, settled, other] =
    kind === "agreement"
      ? (["Its first answers agree", "They agreed", "They differed"] as const)
      : (["Its first answer passes", "It passed", "It did not pass"] as const);
  const course =
    settledAtStep === undefined
      ? `It did not go as planned, so nothing was learned of ${action}`
      : settledAtStep === 1
        ? settled
        : `${other}, and the last target answered`;
  return [
    `${ways} in ${percent(expected.settles)} of such calls, it was thought, and then ${percent(expected.right)} are good enough, ` +
      `else ${percent(expected.otherwise)}. ${course}.`,
  ];
};

/** The story of a decision in sentences, the most important first. */
export const tellDecision = (call: CallRecord, feedback: readonly Feedback[]): readonly string[] => {
  const { decision } = call;
  if (decision === null) return ["No decision was recorded: the call ended before routing.", ...tellFeedback(feedback)];
  const excluded = decision.candidates.filter((candidate) => candidate.excluded === true);
  return [
    `Route ${call.route}, strategy ${decision.strategy}: ${sentence(decision.reason)}`,
    ...(decision.fallback === undefined
      ? []
      : [`The strategy failed, so the route's own order was taken: ${sentence(decision.fallback)}`]),
    ...(decision.detail === undefined
      ? ["No policy that learns took part, so nothing is known of what another choice would have given."]
      : tellChoice(decision.detail)),
    ...tellTrials(decision),
    ...excluded.map(({ target, reason }) => `${target} was passed over: ${sentence(reason)}`),
    tellAnswer(call),
    ...(decision.ending === undefined ? [] : [endings[decision.ending]]),
    ...(decision.notes ?? []).map((note) => `On the way: ${sentence(note)}`),
    ...tellFeedback(feedback),
  ];
};

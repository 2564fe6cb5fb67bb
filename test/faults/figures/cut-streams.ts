import { SeededRandom } from "../../support/seeded-random.ts";
import type { CaseOutcome } from "../lab/case-outcome.ts";
import { expectedText } from "../lab/check-case.ts";
import { playScenarios } from "../lab/run-row.ts";
import type { Row, Scenario, TargetPlan } from "../lab/scenario.ts";

/** What goes on where every stream of the first target is cut. */
export interface CutPlan {
  readonly name: string;
  readonly fallback: TargetPlan;
  readonly rescue: "error" | "restart" | "off";
  /** Only OpenAI's dialect can announce a restart. */
  readonly edge?: "openai" | "anthropic";
  /** Whether every answer must come whole. */
  readonly mustBeWhole: boolean;
}

const continues: TargetPlan = { does: "prefill", believed: "continues", dialect: "openai" };
const same: TargetPlan = { does: "" };
const other: TargetPlan = { does: "differs" };

export const cutPlans: readonly CutPlan[] = [
  { name: "goes on by prefill", fallback: continues, rescue: "error", mustBeWhole: true },
  { name: "starts again, answers the same", fallback: same, rescue: "error", mustBeWhole: true },
  { name: "answers differently", fallback: other, rescue: "error", mustBeWhole: false },
  { name: "answers differently", fallback: other, rescue: "restart", edge: "openai", mustBeWhole: true },
  { name: "answers differently", fallback: other, rescue: "restart", edge: "anthropic", mustBeWhole: false },
  { name: "answers differently", fallback: other, rescue: "off", mustBeWhole: false },
];

export interface CutStreams {
  readonly plan: CutPlan;
  readonly calls: number;
  /** Answers that are whole, character for character. */
  readonly whole: number;
  /** Of these, those whose client already had content when the cut came. */
  readonly rescued: number;
  /** Calls whose fallback was given the beginning of the answer to go on from. */
  readonly prefilled: number;
  /** Ended with an error that says so. */
  readonly told: number;
  /** Looked finished and were not whole. Must be none. */
  readonly deceived: number;
  readonly others: number;
  readonly faults: readonly string[];
}

const timeouts = { firstTokenMilliseconds: 2_000, idleMilliseconds: 2_000, totalMilliseconds: 20_000 };
/** Beyond the end of a stream a place counts from its beginning again. */
const mostBytes = 4_000;

const rowOf = ({ fallback, rescue, edge }: CutPlan, calls: number, seed: number): Row => {
  const random = new SeededRandom(seed);
  return {
    number: 6,
    title: "cut at a random byte",
    bill: "D",
    ballast: 2,
    concurrency: 12,
    megabytes: 250,
    scenarios: Array.from(
      { length: calls },
      (_, place): Scenario => ({
        name: `${place}`,
        targets: [{ does: `cut-at-${random.between(1, mostBytes)}` }, fallback],
        shapes: ["stream"],
        ...(edge === undefined ? {} : { edges: [edge] }),
        route: { timeouts, rescue, retries: { perTarget: 0 } },
        expect: { ending: "either", charge: "fair" },
      }),
    ),
  };
};

const isWhole = (outcome: CaseOutcome): boolean =>
  outcome.answer.kind === "answer" &&
  outcome.one.targets.some((_target, place) => outcome.answer.text === expectedText(outcome, place));

/** Cuts the first target's stream of each call at a random byte, and counts what the clients have in the end. */
export const measureCutStreams = async (
  plan: CutPlan,
  { calls, seed }: { calls: number; seed: number },
): Promise<CutStreams> => {
  const options = { seeds: [seed], perScenario: 1, isShort: false };
  const { outcomes, faults } = await playScenarios(rowOf(plan, calls, seed), options);
  const whole = outcomes.filter(isWhole);
  const told = outcomes.filter(({ answer }) => answer.kind === "error").length;
  const deceived = outcomes.filter((outcome) => outcome.answer.kind === "answer" && !isWhole(outcome)).length;
  return {
    plan,
    calls: outcomes.length,
    whole: whole.length,
    rescued: whole.filter(({ attempts }) => attempts[0]?.outcome !== "ok" && attempts[0]?.delivered === 1).length,
    prefilled: outcomes.filter(({ dispatches }) => dispatches.some(({ beginning }) => beginning !== null)).length,
    told,
    deceived,
    others: outcomes.length - whole.length - told - deceived,
    faults,
  };
};

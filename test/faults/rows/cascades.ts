import type { CaseOutcome } from "../lab/case-outcome.ts";
import type { Range, Row, Scenario } from "../lab/scenario.ts";
import { quick } from "./before-content.ts";

const answers = { does: "" };
const one: Range = [1, 1];
const none: Range = [0, 0];

/** The first of a cascade's targets meets a fault: whoever is asked after it, or beside it, answers. */
const goesOn = (does: string, more: Partial<Scenario> = {}): Scenario => ({
  name: `${does}, in turn`,
  targets: [{ does }, answers, answers],
  cascade: { accept: "checked", steps: [[0], [1], [2]] },
  route: { ...quick, retries: { perTarget: 0 } },
  ...more,
  expect: { ending: "answer", answeredBy: 1, dispatches: [one, one, none], charge: "reported", ...more.expect },
});

const together = (does: string, more: Partial<Scenario> = {}): Scenario =>
  goesOn(does, {
    name: `${does}, together`,
    cascade: { accept: "checked", steps: [[0, 1], [2]] },
    // Deadlines that do not come before the answer is there.
    route: {
      timeouts: { firstTokenMilliseconds: 5_000, idleMilliseconds: 5_000, totalMilliseconds: 15_000 },
      retries: { perTarget: 0 },
    },
    ...more,
    // Who is slower than the answer is left.
    expect: { ending: "answer", answeredBy: 1, charge: "reported", abandonedWithin: 1_500, ...more.expect },
  });

/** What was asked in vain is a cost of ours: one target's answer was taken, and no other had one. */
const chargedOnce = ({ attempts }: CaseOutcome): readonly string[] => {
  const counted = attempts.filter(({ delivered, contributed }) => delivered !== 0 || contributed !== 0);
  return counted.length === 1 ? [] : [`${counted.length} attempts are charged, expected one`];
};

const onlyDelivered = ({ attempts }: CaseOutcome): readonly string[] =>
  attempts.some(({ delivered }) => delivered !== 0) || attempts.every(({ contributed }) => contributed === 0)
    ? []
    : ["a client who got nothing is charged for what was looked at"];

export const cascades: readonly Row[] = [
  {
    number: 4,
    title: "silence in a cascade",
    bill: "0; cost unknown",
    scenarios: [
      goesOn("hang-before-headers", {
        expect: { ending: "answer", answeredBy: 1, charge: "reported", abandonedWithin: 450, also: chargedOnce },
      }),
      goesOn("headers-then-hang", {
        expect: { ending: "answer", answeredBy: 1, charge: "reported", abandonedWithin: 450, also: chargedOnce },
      }),
      together("hang-before-headers", { expect: { ending: "answer", charge: "reported", within: 1_500 } }),
    ],
  },
  {
    number: 6,
    title: "cuts in a cascade",
    bill: "D; 0 where whole",
    ballast: 20,
    scenarios: [
      ...["reset-before-headers", "headers-then-end", "cut-at-700", "reset-after-3", "error-frame-after-3"].map(
        (does) => goesOn(does),
      ),
      together("reset-after-3"),
      goesOn("broken-json-after-3", {
        name: "broken-json-after-3, agreement",
        cascade: { accept: "agreement", steps: [[0, 1], [2]] },
        // The second is left as soon as no two can agree.
        expect: { ending: "answer", charge: "reported", dispatches: [one, [0, 1], one] },
      }),
      {
        name: "reset-after-N in the last step, another target",
        targets: (random) => [{ does: "status-500" }, { does: `reset-after-${random.between(1, 9)}` }, answers],
        cascade: { accept: "checked", steps: [[0], [1]] },
        route: { ...quick, retries: { perTarget: 0 } },
        expect: { ending: "answer", charge: "fair" },
      },
      {
        name: "reset-after-N in every step, nobody else",
        targets: (random) => [{ does: `reset-after-${random.between(1, 9)}` }, { does: "reset-before-headers" }],
        cascade: { accept: "checked", steps: [[0], [1]] },
        route: { ...quick, retries: { perTarget: 0 } },
        expect: { ending: "error", charge: "nothing" },
      },
    ],
  },
  {
    number: 21,
    title: "the client leaves in a cascade",
    bill: "prompt, where dispatched",
    scenarios: [
      {
        name: "while two are silent",
        targets: [{ does: "hang-before-headers" }, { does: "stall-after-3" }, answers],
        cascade: { accept: "agreement", steps: [[0, 1], [2]] },
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(2, 150) } }),
        expect: { ending: "left", charge: "nothing", dispatches: [[0, 1], [0, 1], none] },
      },
      {
        name: "after one has answered",
        targets: [answers, { does: "headers-then-hang" }, { does: "headers-then-hang" }],
        cascade: { accept: "agreement", steps: [[0, 1], [2]] },
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(60, 200) } }),
        expect: { ending: "left", charge: "nothing", also: onlyDelivered },
      },
      {
        name: "in the last step's stream",
        targets: [{ does: "status-500" }, { does: "pace-4" }],
        cascade: { accept: "checked", steps: [[0], [1]] },
        shapes: ["stream"],
        route: { retries: { perTarget: 0 } },
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { events: random.between(1, 9) } }),
        expect: { ending: "left", charge: "fair", also: onlyDelivered },
      },
    ],
  },
];

import type { SeededRandom } from "../../support/seeded-random.ts";
import type { CaseOutcome } from "../lab/case-outcome.ts";
import type { Row, Scenario } from "../lab/scenario.ts";
import { quick } from "./before-content.ts";

const answers = { does: "" };
const streamed = { shapes: ["stream"] } as const;

/** A stream that dies after it began, while another target has the same answer: the client gets it whole. */
const rescued = (name: string, does: (random: SeededRandom) => string, more: Partial<Scenario> = {}): Scenario => ({
  name: `${name}, another target`,
  targets: (random) => [{ does: does(random) }, answers],
  route: quick,
  ...streamed,
  ...more,
  expect: { ending: "answer", charge: "fair", ...more.expect },
});

/** The same without anybody to take over: an error, or the same target once more; never an answer that looks whole. */
const alone = (name: string, does: (random: SeededRandom) => string, more: Partial<Scenario> = {}): Scenario => ({
  name: `${name}, alone`,
  targets: (random) => [{ does: does(random) }],
  route: quick,
  ...streamed,
  ...more,
  expect: { ending: "error", charge: "fair", ...more.expect },
});

const cut = (random: SeededRandom): string => `cut-at-${random.between(600, 1_400)}`;
const resetAfter = (random: SeededRandom): string => `reset-after-${random.between(1, 9)}`;
const after =
  (kind: string) =>
  (random: SeededRandom): string =>
    `${kind}-after-${random.between(1, 9)}`;

/** Another target is given the beginning: it goes on, says it again, refuses it, or does not do what is said of it. */
const begun = (
  name: string,
  { believed, does, expect }: { believed: "continues" | "echoes"; does: string; expect?: Partial<Scenario["expect"]> },
): Scenario => ({
  name: `reset-after-N, the other ${name}`,
  targets: (random) => [
    { does: resetAfter(random) },
    { does, believed, dialect: random.pick(["openai", "anthropic", "ollama"]) },
    answers,
  ],
  ...streamed,
  route: quick,
  expect: { ending: "answer", charge: "fair", ...expect },
});

/** The second target was asked once, with the beginning, and the third was not needed. */
const wentOn = ({ one, dispatches }: CaseOutcome): readonly string[] => {
  // The dead target is asked again first: where it answers whole, nobody else is.
  const second = dispatches.filter(({ model }) => model === one.targets[1]?.model);
  if (second.length === 1 && second[0]?.beginning !== null) return [];
  return [`the second target was asked ${second.length} times, with '${second[0]?.beginning}' as the beginning`];
};

export const afterContent: readonly Row[] = [
  {
    number: 6,
    title: "reset in the body",
    bill: "D; 0 where whole",
    ballast: 20,
    scenarios: [
      rescued("reset-after-N", resetAfter),
      rescued("cut-at-N", cut),
      rescued("close-after-N", after("close")),
      alone("reset-after-N", resetAfter),
      alone("cut-at-N", cut),
      begun("goes on with a beginning", {
        believed: "continues",
        does: "prefill",
        expect: {
          dispatches: [
            [1, 3],
            [1, 1],
            [0, 0],
          ],
          also: wentOn,
        },
      }),
      begun("says the beginning again", {
        believed: "echoes",
        does: "prefill-echo",
        expect: {
          dispatches: [
            [1, 3],
            [1, 1],
            [0, 0],
          ],
          also: wentOn,
        },
      }),
      begun("refuses a beginning", {
        believed: "continues",
        does: "prefill-400",
        expect: {
          dispatches: [
            [1, 3],
            [1, 2],
            [0, 1],
          ],
        },
      }),
      begun("was to say the beginning again, and does not", { believed: "echoes", does: "prefill" }),
      {
        name: "reset-after-N, the other answers differently",
        targets: (random) => [{ does: resetAfter(random) }, { does: "differs" }],
        ...streamed,
        route: quick,
        expect: { ending: "error", charge: "fair" },
      },
      {
        name: "reset-after-N, the other answers differently, and the route would rather begin anew",
        targets: (random) => [{ does: resetAfter(random) }, { does: "differs" }],
        ...streamed,
        edges: ["openai"],
        route: { ...quick, rescue: "restart" },
        expect: { ending: "answer", answeredBy: 1, charge: "fair" },
      },
      {
        name: "reset-after-N, the other answers differently, in a dialect that cannot begin anew",
        targets: (random) => [{ does: resetAfter(random) }, { does: "differs" }],
        ...streamed,
        edges: ["anthropic"],
        route: { ...quick, rescue: "restart" },
        expect: { ending: "error", charge: "fair" },
      },
      {
        name: "reset-after-N, the other answers with less than was delivered",
        targets: [{ does: "reset-after-9" }, { does: "shorter" }],
        words: 30,
        ...streamed,
        route: quick,
        expect: { ending: "error", charge: "fair" },
      },
      {
        name: "reset-after-N, no rescue wanted",
        targets: (random) => [{ does: resetAfter(random) }, answers],
        ...streamed,
        route: { ...quick, rescue: "off" },
        expect: {
          ending: "error",
          dispatches: [
            [1, 1],
            [0, 0],
          ],
          charge: "delivered",
        },
      },
      {
        name: "reset-after-N, then the rescue fails too",
        targets: (random) => [{ does: resetAfter(random) }, { does: "status-500" }],
        ...streamed,
        route: quick,
        expect: { ending: "error", charge: "fair" },
      },
      {
        name: "reset-after-N within tool calls",
        targets: [{ does: "reset-after-1" }, answers],
        ...streamed,
        withTools: true,
        route: quick,
        expect: { ending: "either", charge: "fair" },
      },
      {
        name: "reset-after-N, whole",
        targets: [{ does: "reset-after-1" }, answers],
        shapes: ["whole"],
        expect: {
          ending: "answer",
          answeredBy: 1,
          dispatches: [
            [1, 3],
            [1, 1],
          ],
          charge: "reported",
        },
      },
    ],
  },
  {
    number: 7,
    title: "silence in the stream",
    bill: "D",
    scenarios: [
      {
        name: "stall-after-N, another target, whole",
        targets: (random) => [{ does: after("stall")(random) }, answers],
        shapes: ["whole"],
        route: quick,
        expect: { ending: "answer", answeredBy: 1, charge: "reported", within: 3_000 },
      },
      rescued("stall-after-N", after("stall")),
      alone("stall-after-N", after("stall"), {
        expect: { ending: "error", codes: ["upstream_timeout"], charge: "fair", within: 3_000 },
      }),
    ],
  },
  {
    number: 8,
    title: "slow trickle",
    bill: "U; D at the deadline",
    concurrency: 16,
    scenarios: [
      {
        name: "trickle-1",
        targets: [{ does: "trickle-1" }],
        words: 3,
        expect: { ending: "answer", charge: "reported" },
      },
      {
        name: "trickle-20 up to the total deadline",
        targets: [{ does: "trickle-20" }],
        route: { timeouts: { firstTokenMilliseconds: 5_000, idleMilliseconds: 5_000, totalMilliseconds: 900 } },
        expect: { ending: "error", codes: ["upstream_timeout"], charge: "fair", within: 2_500, abandonedWithin: 900 },
      },
      {
        name: "pace-150 up to the total deadline, content before",
        targets: [{ does: "pace-150" }],
        ...streamed,
        route: { timeouts: { firstTokenMilliseconds: 5_000, idleMilliseconds: 5_000, totalMilliseconds: 900 } },
        expect: { ending: "error", codes: ["upstream_timeout"], charge: "fair", within: 2_500, abandonedWithin: 900 },
      },
    ],
  },
  {
    number: 9,
    title: "error within a stream, after content",
    bill: "D",
    ballast: 20,
    scenarios: [
      rescued("error-frame-after-N", after("error-frame")),
      alone("error-frame-after-N", after("error-frame")),
    ],
  },
  {
    number: 11,
    title: "malformed events",
    bill: "D",
    ballast: 20,
    scenarios: ["broken-json", "broken-sse"].flatMap((kind) => [
      rescued(`${kind}-after-N`, after(kind)),
      alone(`${kind}-after-N`, after(kind)),
    ]),
  },
  {
    number: 13,
    title: "the end without its sign",
    bill: "U; D",
    ballast: 20,
    scenarios: [
      {
        name: "no-done",
        targets: [{ does: "no-done" }],
        ...streamed,
        dialects: ["openai"],
        expect: { ending: "answer", charge: "reported" },
      },
      rescued("no-finish", () => "no-finish"),
      alone("no-finish", () => "no-finish"),
      {
        name: "content after the end",
        targets: [{ does: "after-end" }],
        ...streamed,
        expect: { ending: "answer", charge: "reported" },
      },
    ],
  },
  {
    number: 19,
    title: "huge body or line",
    bill: "0; D after content",
    ballast: 20,
    concurrency: 2,
    megabytes: 400,
    scenarios: [
      {
        // Asked for a stream, the first sends comments without end: they are no answer, and the deadline holds.
        name: "huge-body, another target",
        targets: [{ does: "huge-body" }, answers],
        shapes: ["whole"],
        route: quick,
        expect: { ending: "answer", answeredBy: 1, charge: "reported" },
      },
      {
        name: "huge-body, alone",
        targets: [{ does: "huge-body" }],
        shapes: ["whole"],
        expect: { ending: "error", statuses: [502], charge: "nothing" },
      },
      {
        name: "endless-line-after-2",
        targets: [{ does: "endless-line-after-2" }],
        ...streamed,
        expect: { ending: "error", charge: "fair" },
      },
    ],
  },
];

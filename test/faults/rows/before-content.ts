import type { CaseOutcome } from "../lab/case-outcome.ts";
import type { Row, Scenario } from "../lab/scenario.ts";

const answers = { does: "" };
export const quick = { timeouts: { firstTokenMilliseconds: 400, idleMilliseconds: 400, totalMilliseconds: 6_000 } };

const mostTries = 3;
/** A target that is never reached is in no journal of the upstream: the ledger must show how often it was tried. */
const triedAtMost = ({ attempts, one }: CaseOutcome): readonly string[] => {
  const tries = attempts.filter(({ model }) => model === one.targets[0]?.model).length;
  return tries > mostTries ? [`the first target was tried ${tries} times, allowed are ${mostTries}`] : [];
};

/** A target that cannot be reached: the next answers, or the caller gets a plain error at no cost. */
const unreachable = (at: "closed port" | "unknown name" | "bad certificate", status: number): readonly Scenario[] => [
  {
    name: `${at}, another target`,
    targets: [{ does: "", at }, answers],
    expect: {
      ending: "answer",
      dispatches: [
        [0, 0],
        [1, 1],
      ],
      answeredBy: 1,
      charge: "reported",
      also: triedAtMost,
    },
  },
  {
    name: `${at}, alone`,
    targets: [{ does: "", at }],
    expect: { ending: "error", dispatches: [[0, 0]], statuses: [status], charge: "nothing", also: triedAtMost },
  },
];

/** A fault before content: the next target answers, and only its tokens are charged. */
const fallsBack = (does: string, more: Partial<Scenario> = {}): Scenario => ({
  name: `${does}, another target`,
  targets: [{ does }, answers],
  route: quick,
  ...more,
  expect: {
    ending: "answer",
    dispatches: [
      [1, mostTries],
      [1, 1],
    ],
    answeredBy: 1,
    charge: "reported",
    ...more.expect,
  },
});

const alone = (does: string, more: Partial<Scenario> & Pick<Scenario, "expect">): Scenario => ({
  name: `${does}, alone`,
  targets: [{ does }],
  route: quick,
  ...more,
});

const streamed = { shapes: ["stream"] } as const;
const whole = { shapes: ["whole"] } as const;

export const beforeContent: readonly Row[] = [
  { number: 1, title: "connection refused", bill: "0", ballast: 20, scenarios: unreachable("closed port", 503) },
  { number: 2, title: "name does not resolve", bill: "0", ballast: 20, scenarios: unreachable("unknown name", 502) },
  { number: 3, title: "bad certificate", bill: "0", ballast: 20, scenarios: unreachable("bad certificate", 502) },
  {
    number: 4,
    title: "silence before the headers",
    bill: "0; cost unknown",
    scenarios: [
      fallsBack("hang-before-headers", {
        expect: {
          ending: "answer",
          dispatches: [
            [1, 1],
            [1, 1],
          ],
          answeredBy: 1,
          charge: "reported",
          abandonedWithin: 400,
          within: 2_500,
        },
      }),
      alone("hang-before-headers", {
        ...streamed,
        expect: {
          ending: "error",
          codes: ["upstream_timeout"],
          statuses: [504],
          dispatches: [[1, 1]],
          charge: "nothing",
          abandonedWithin: 400,
          also: ({ attempts }) =>
            attempts.every(({ costSource }) => costSource === "bound" || costSource === "estimated")
              ? []
              : [`the cost of a silent target is ${attempts[0]?.costSource}, expected an upper bound`],
        },
      }),
      alone("hang-before-headers", {
        name: "hang-before-headers, alone, whole within the total deadline",
        ...whole,
        route: { timeouts: { ...quick.timeouts, totalMilliseconds: 800 } },
        expect: {
          ending: "error",
          codes: ["upstream_timeout"],
          statuses: [504],
          dispatches: [[1, 1]],
          charge: "nothing",
          abandonedWithin: 800,
        },
      }),
      // Another target is asked before the deadline of the first, and the slower of both is left.
      fallsBack("hang-before-headers", {
        ...streamed,
        name: "hang-before-headers, hedged",
        route: {
          timeouts: { firstTokenMilliseconds: 5_000, idleMilliseconds: 5_000, totalMilliseconds: 10_000 },
          hedge: { after: 100, maxShare: 1 },
        },
        expect: {
          ending: "answer",
          dispatches: [
            [1, 1],
            [1, 1],
          ],
          answeredBy: 1,
          charge: "reported",
          within: 2_500,
          abandonedWithin: 1_500,
        },
      }),
      fallsBack("headers-then-hang", {
        expect: {
          ending: "answer",
          dispatches: [
            [1, 1],
            [1, 1],
          ],
          answeredBy: 1,
          charge: "reported",
          abandonedWithin: 450,
        },
      }),
    ],
  },
  {
    number: 5,
    title: "reset without content",
    bill: "0",
    ballast: 20,
    scenarios: [
      ...["reset-before-headers", "close-before-headers", "headers-then-reset", "headers-then-end"].map((does) =>
        fallsBack(does),
      ),
      // Without a rescue, all depends on waiting for the first content.
      ...["headers-then-reset", "headers-then-end"].map((does) =>
        fallsBack(does, { ...streamed, name: `${does}, no rescue`, route: { ...quick, rescue: "off" } }),
      ),
      alone("headers-then-reset", {
        expect: { ending: "error", dispatches: [[1, mostTries]], statuses: [502], charge: "nothing" },
      }),
      {
        name: "reset-before-headers, once",
        targets: [{ does: "reset-before-headers--first-1" }],
        expect: { ending: "answer", dispatches: [[2, 2]], charge: "reported" },
      },
    ],
  },
  {
    number: 9,
    title: "error within an answer of status 200",
    bill: "0; D after content",
    ballast: 20,
    scenarios: [
      fallsBack("error-frame-first"),
      fallsBack("error-frame-first", {
        ...streamed,
        name: "error-frame-first, no rescue",
        route: { ...quick, rescue: "off" },
      }),
      alone("error-frame-first", {
        expect: { ending: "error", dispatches: [[1, mostTries]], statuses: [502], charge: "nothing" },
      }),
    ],
  },
  {
    number: 10,
    title: "malformed JSON",
    bill: "0; cost unknown",
    ballast: 20,
    scenarios: [
      fallsBack("broken-json-after-0"),
      alone("broken-json-after-0", {
        expect: { ending: "error", dispatches: [[1, 1]], statuses: [502], charge: "nothing" },
      }),
      fallsBack("broken-sse-after-0"),
    ],
  },
  {
    number: 16,
    title: "429 with Retry-After",
    bill: "0",
    ballast: 20,
    concurrency: 24,
    scenarios: [
      ...["status-429-retry-1", "status-429-ms-300", "status-429-date-2"].map(
        (does): Scenario => ({
          name: `${does}, once`,
          targets: [{ does: `${does}--first-1` }],
          expect: { ending: "answer", dispatches: [[2, 2]], charge: "reported", within: 4_500 },
        }),
      ),
      ...["status-429-retry-60", "status-429-date-60"].map((does) =>
        fallsBack(does, {
          expect: {
            ending: "answer",
            dispatches: [
              [1, 1],
              [1, 1],
            ],
            answeredBy: 1,
            charge: "reported",
            within: 2_000,
          },
        }),
      ),
      alone("status-429-retry-60", {
        expect: {
          ending: "error",
          codes: ["rate_limit_exceeded"],
          statuses: [429],
          dispatches: [[1, 1]],
          charge: "nothing",
          also: ({ received }) => {
            const seconds = Number(received.headers["retry-after"]);
            return seconds >= 50 && seconds <= 61
              ? []
              : [`Retry-After is ${received.headers["retry-after"]}, expected 60`];
          },
        },
      }),
    ],
  },
  {
    number: 17,
    title: "5xx storm",
    bill: "0",
    // Every one of these is tried again, so the budget for that needs twice the traffic.
    ballast: 40,
    scenarios: [
      ...[500, 502, 503].map((status) => fallsBack(`status-${status}`)),
      alone("status-503", {
        // Anthropic's `api_error` means a failure of its own, whatever the status.
        expect: { ending: "error", statuses: [502, 503], dispatches: [[1, mostTries]], charge: "nothing" },
      }),
      {
        name: "status-500, once",
        targets: [{ does: "status-500--first-1" }],
        expect: { ending: "answer", dispatches: [[2, 2]], charge: "reported" },
      },
    ],
  },
  {
    number: 18,
    title: "refusals of the upstream",
    bill: "0",
    ballast: 20,
    scenarios: [
      {
        name: "status-400, another target",
        targets: [{ does: "status-400" }, answers],
        expect: {
          ending: "error",
          codes: ["upstream_rejected_request"],
          statuses: [400],
          dispatches: [
            [1, 1],
            [0, 0],
          ],
          charge: "nothing",
        },
      },
      ...[401, 403].map((status) =>
        fallsBack(`status-${status}`, {
          expect: {
            ending: "answer",
            dispatches: [
              [1, 1],
              [1, 1],
            ],
            answeredBy: 1,
            charge: "reported",
          },
        }),
      ),
      alone("status-401", {
        expect: {
          ending: "error",
          codes: ["upstream_authentication"],
          statuses: [502],
          dispatches: [[1, 1]],
          charge: "nothing",
        },
      }),
    ],
  },
  {
    number: 20,
    title: "wrong type, redirect, compressed bomb",
    bill: "0",
    ballast: 20,
    concurrency: 4,
    scenarios: ["wrong-type", "redirect", "gzip-bomb"].flatMap((does) => [
      fallsBack(does),
      alone(does, { expect: { ending: "error", dispatches: [[1, mostTries]], statuses: [502], charge: "nothing" } }),
    ]),
  },
];

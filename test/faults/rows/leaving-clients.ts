import type { CaseOutcome } from "../lab/case-outcome.ts";
import type { Row } from "../lab/scenario.ts";

const streamed = { shapes: ["stream"] } as const;

/** What was dispatched is billed, however early its client went. */
const billed = ({ dispatches, attempts }: CaseOutcome): readonly string[] => {
  if (dispatches.length === 0) return [];
  const unbilled = attempts.filter(
    ({ inputTokens, headersAfter }) => headersAfter !== null && (inputTokens ?? 0) === 0,
  );
  return attempts.length === 0 || unbilled.length > 0 ? ["a dispatch whose client left is not billed"] : [];
};

export const leavingClients: readonly Row[] = [
  {
    number: 21,
    title: "the client leaves before the first token",
    bill: "prompt, where dispatched",
    scenarios: [
      {
        name: "silent upstream",
        targets: [{ does: "hang-before-headers" }],
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(2, 150) } }),
        expect: { ending: "left", charge: "fair", dispatches: [[0, 1]], also: billed },
      },
      {
        name: "headers, then silence",
        targets: [{ does: "headers-then-hang" }],
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(60, 150) } }),
        expect: { ending: "left", charge: "fair", dispatches: [[0, 1]], also: billed },
      },
    ],
  },
  {
    number: 22,
    title: "the client leaves in the stream",
    bill: "D",
    scenarios: [
      {
        name: "after so many events",
        targets: [{ does: "pace-4" }],
        ...streamed,
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { events: random.between(1, 9) } }),
        expect: { ending: "left", charge: "fair", also: billed },
      },
      {
        name: "in a silent stream",
        targets: [{ does: "stall-after-3" }],
        ...streamed,
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(60, 250) } }),
        expect: { ending: "left", charge: "fair", also: billed },
      },
      {
        name: "just before the usage",
        targets: [{ does: "late-end-1500" }],
        ...streamed,
        leave: (random) => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(200, 400) } }),
        expect: { ending: "left", charge: "fair", also: billed },
      },
    ],
  },
];

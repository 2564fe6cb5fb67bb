import type { CaseOutcome } from "../lab/case-outcome.ts";
import type { Row } from "../lab/scenario.ts";

const aliveMilliseconds = 60;

/** Signs of life came while the upstream was silent, as its dialect has them. */
const staysAlive = ({ one, received }: CaseOutcome): readonly string[] => {
  const sign = one.edge === "anthropic" ? "event: ping\n" : /^: /m;
  const text = received.body.toString("utf8");
  const isThere = typeof sign === "string" ? text.includes(sign) : sign.test(text);
  return isThere ? [] : [`${received.arrivals.length} parts came, none a sign of life`];
};

export const mechanisms: readonly Row[] = [
  {
    number: 7,
    title: "signs of life in a silent stream",
    bill: "U",
    configuration: { server: { keepAliveMilliseconds: aliveMilliseconds, commitAfterMilliseconds: 200 } },
    scenarios: [
      {
        name: "the end is late",
        targets: [{ does: "late-end-400" }],
        shapes: ["stream"],
        expect: { ending: "answer", charge: "reported", also: staysAlive },
      },
      {
        name: "silence up to the deadline, then another target",
        targets: [{ does: "headers-then-hang" }, { does: "" }],
        shapes: ["stream"],
        route: { timeouts: { firstTokenMilliseconds: 600, idleMilliseconds: 600, totalMilliseconds: 6_000 } },
        expect: {
          ending: "answer",
          answeredBy: 1,
          dispatches: [
            [1, 1],
            [1, 1],
          ],
          charge: "reported",
          also: staysAlive,
        },
      },
      {
        name: "silence up to the deadline, and nobody else",
        targets: [{ does: "hang-before-headers" }],
        shapes: ["stream"],
        route: { timeouts: { firstTokenMilliseconds: 600, idleMilliseconds: 600, totalMilliseconds: 6_000 } },
        expect: { ending: "error", codes: ["upstream_timeout"], charge: "nothing", also: staysAlive },
      },
    ],
  },
];

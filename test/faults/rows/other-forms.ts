import type { Row, Scenario } from "../lab/scenario.ts";

const streamed = { shapes: ["stream"] } as const;
const withEvents = ["openai", "anthropic", "gemini"] as const;

const answered = (does: string, more: Partial<Scenario> = {}): Scenario => ({
  name: does,
  targets: [{ does }],
  ...streamed,
  ...more,
  expect: { ending: "answer", dispatches: [[1, 1]], charge: "reported", ...more.expect },
});

const splits = 6;

export const otherForms: readonly Row[] = [
  {
    number: 12,
    title: "other forms of the same events",
    bill: "U",
    scenarios: [
      answered("crlf"),
      answered("lone-cr", { dialects: withEvents }),
      answered("comments"),
      answered("multi-line", { dialects: withEvents }),
      answered("byte-by-byte"),
      ...Array.from(
        { length: splits },
        (_, place): Scenario => ({
          ...answered(`split-at-N, draw ${place + 1}`),
          targets: (random) => [{ does: `split-at-${random.between(1, 6_000)}` }],
        }),
      ),
    ],
  },
  {
    number: 14,
    title: "no usage",
    bill: "D",
    scenarios: [
      answered("no-usage", { shapes: ["whole", "stream"], expect: { ending: "answer", charge: "delivered" } }),
    ],
  },
  {
    number: 15,
    title: "odd tool calls",
    bill: "U",
    scenarios: [
      answered("", { name: "tools in the usual form", shapes: ["whole", "stream"], withTools: true }),
      ...["tools-without-index", "tools-with-one-index", "tools-with-objects"].map((does) =>
        answered(does, {
          dialects: ["openai"],
          shapes: ["whole", "stream"],
          withTools: true,
          expect: { ending: "either", charge: "fair" },
        }),
      ),
    ],
  },
];

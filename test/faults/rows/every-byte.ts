import type { Row, Scenario } from "../lab/scenario.ts";
import { dialects, type UpstreamDialect } from "../upstream/asked.ts";

const streamed = { shapes: ["stream"], words: 4 } as const;
const timeouts = { firstTokenMilliseconds: 2_000, idleMilliseconds: 2_000, totalMilliseconds: 20_000 };
/** More than the body of any format for so few words; beyond its end a place counts from the beginning again. */
const mostBytes = 2_600;

const places = (step: number): readonly number[] =>
  Array.from({ length: Math.ceil(mostBytes / step) }, (_, place) => place * step);

/** A format's stream in two parts, at every so-many-th byte; each client's dialect gets every other one. */
const split = (step: number, dialect: UpstreamDialect): readonly Scenario[] =>
  places(step).map(
    (at): Scenario => ({
      name: `split-at-${at}`,
      targets: [{ does: `split-at-${at}` }],
      dialects: [dialect],
      edges: [(at / step) % 2 === 0 ? "openai" : "anthropic"],
      ...streamed,
      expect: { ending: "answer", dispatches: [[1, 1]], charge: "reported" },
    }),
  );

/** The same, cut there with another target to go on: the client gets one whole answer wherever the cut is. */
const cut = (step: number, dialect: UpstreamDialect): readonly Scenario[] =>
  places(step).map(
    (at): Scenario => ({
      name: `cut-at-${at}`,
      targets: [{ does: `cut-at-${at}` }, { does: "" }],
      dialects: [dialect],
      edges: [(at / step) % 2 === 0 ? "openai" : "anthropic"],
      ...streamed,
      route: { timeouts, retries: { perTarget: 0 } },
      expect: { ending: "answer", charge: "fair" },
    }),
  );

/** Rows 6 and 12 at every byte of a stream, or at every so-many-th; a row for each format. */
export const everyByteRows = (step: number): readonly Row[] =>
  dialects.flatMap((dialect) =>
    [
      { number: 6, title: `cut at every byte, ${dialect}`, bill: "D", scenarios: cut(step, dialect) },
      { number: 12, title: `split at every byte, ${dialect}`, bill: "U", scenarios: split(step, dialect) },
    ].map((row) => ({ ...row, concurrency: 24, megabytes: 250 })),
  );

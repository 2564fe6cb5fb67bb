import type { CliContext, Rows } from "../context.ts";
import { formatMilliseconds, formatUsd } from "../output/quantities.ts";

export const formatShare = (share: number | null | undefined): string =>
  share === null || share === undefined ? "–" : `${Number((share * 100).toFixed(1))} %`;

export const right = (title: string) => ({ title, align: "right" }) as const;

/** What a policy expected of one action. */
export interface ShownExpected {
  readonly action: string;
  readonly quality?: number | null | undefined;
  readonly lower?: number | null | undefined;
  readonly upper?: number | null | undefined;
  readonly costUsd?: number | null | undefined;
  readonly latencyMilliseconds?: number | null | undefined;
  readonly utility?: number | null | undefined;
}

const digits = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : String(Number(value.toPrecision(4)));

/** What was weighed, the action taken marked. */
export const tableExpected = (
  expected: readonly ShownExpected[],
  taken: string | null | undefined,
  { table }: Pick<CliContext, "table">,
): string =>
  table({
    columns: [{ title: "" }, { title: "ACTION" }, ...["GOOD", "FROM", "TO", "COST", "LATENCY", "WORTH"].map(right)],
    rows: expected.map((one) => [
      one.action === taken ? "*" : "",
      one.action,
      ...[one.quality, one.lower, one.upper].map(formatShare),
      formatUsd(one.costUsd),
      formatMilliseconds(one.latencyMilliseconds),
      digits(one.utility),
    ]),
    empty: "Nothing was weighed.",
  });

/** Candidates in their order, those that were excluded last. */
export const candidateRows = (
  candidates: readonly {
    readonly target: string;
    readonly score?: number | null | undefined;
    readonly reason: string;
    readonly excluded?: boolean | null | undefined;
  }[],
): Rows => ({
  columns: [right("#"), { title: "CANDIDATE" }, right("SCORE"), { title: "REASON" }],
  rows: candidates.map(({ target, score, reason, excluded }, index) =>
    excluded === true
      ? ["–", { text: target, style: "dim" }, "", { text: `excluded: ${reason}`, style: "dim" }]
      : [String(index + 1), target, digits(score), reason],
  ),
  empty: "No candidates.",
});

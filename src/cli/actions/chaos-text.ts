import { faults } from "../../chaos/faults.ts";
import { type ChaosReport, type ChaosRoute, type ChaosRow, isBetrayal, survivedOf } from "../../chaos/report.ts";
import { formatMilliseconds, formatPicoUsd } from "../output/quantities.ts";
import type { StyleName } from "../output/style.ts";

const titles: ReadonlyMap<string, string> = new Map([
  ["none", "nothing is broken"],
  ["all-refused", "every target refuses connections"],
  ...faults.map(({ name, title }) => [name, title] as const),
]);

/** What a fault's name means. */
export const faultTitle = (fault: ChaosRow["fault"]): string => titles.get(fault) ?? fault;

const errorText = ({ status, errorCode, characters }: ChaosRow): string => {
  if (characters > 0) return `error ${errorCode} after ${characters} characters`;
  // The headers had gone out before: the error came within the stream.
  return status === 200 ? `200, then error ${errorCode}` : `${status} ${errorCode}`;
};

/** What the client was left with, in words. */
export const outcomeText = (row: ChaosRow): string => {
  const { ending, target, isRescued, characters, unrecorded } = row;
  if (unrecorded.length > 0) return `NOT IN THE LEDGER: a call of ${unrecorded.join(", ")}`;
  switch (ending) {
    case "answer":
      return `whole answer from ${target ?? "?"}${isRescued ? ", rescued" : ""}`;
    case "error":
      return errorText(row);
    case "cut":
      return `cut off without an error after ${characters} characters`;
    case "false-end":
      return `CUT, BUT LOOKS FINISHED, after ${characters} characters`;
    case "unmet":
      return "the broken target was never asked";
  }
};

export const outcomeStyle = (row: ChaosRow): StyleName => {
  if (isBetrayal(row) || row.ending === "cut") return "red";
  if (row.ending === "answer") return "green";
  return row.ending === "unmet" ? "dim" : "yellow";
};

export const rowCells = (row: ChaosRow) => [
  row.fault,
  { text: outcomeText(row), style: outcomeStyle(row) },
  String(row.attempts.length),
  formatMilliseconds(row.milliseconds),
  formatPicoUsd(row.chargePicoUsd),
];

const downText = (row: ChaosRow | undefined): string => {
  if (row === undefined) return "";
  const said = row.ending === "error" ? `it says ${errorText(row)}` : `the client gets: ${outcomeText(row)}`;
  return `; with all targets down ${said} after ${formatMilliseconds(row.milliseconds)}`;
};

/** One line on a route. */
export const verdictText = (route: ChaosRoute): string => {
  const { survived, met } = survivedOf(route);
  const well = route.rows.find(({ fault }) => fault === "none");
  const down = downText(route.rows.find(({ fault }) => fault === "all-refused"));
  if (well !== undefined && well.ending !== "answer")
    return `Route '${route.route}' gives no answer even where nothing is broken: ${outcomeText(well)}.`;
  return `Route '${route.route}' survives ${survived} of ${met} faults of its first target ${route.target}${down}.`;
};

/** What must be known to read the tables. */
export const premises = ({ seed, timeoutScale, form, answers }: ChaosReport): string =>
  [
    `Nothing was sent to a real upstream. Seed ${seed}; ${form} calls; targets answer ${answers === "alike" ? "alike" : "differently"}.`,
    `Deadlines are multiplied by ${timeoutScale}; pauses between tries are not, and a call's total keeps 5 s.`,
  ].join("\n");

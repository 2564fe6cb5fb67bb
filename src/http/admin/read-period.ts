import { GatewayError } from "../../core/errors.ts";
import { parseMoment } from "./parse-moment.ts";

export interface PeriodQuery {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** A stretch of time in milliseconds since 1970; null: unbounded on that side. */
export interface ShownPeriod {
  readonly since: number | null;
  readonly until: number | null;
}

/** Reads `since` and `until` of a query. Throws `invalid_value`, also where the one does not lie before the other. */
export const readPeriod = (query: PeriodQuery, now: number): ShownPeriod => {
  const read = (param: "since" | "until"): number | null => {
    const text = query[param];
    return text === undefined ? null : parseMoment(text, { param, now });
  };
  const [since, until] = [read("since"), read("until")];
  if (since !== null && until !== null && since >= until)
    throw new GatewayError("invalid_value", "Invalid value for 'since': it must lie before 'until'.", {
      param: "since",
    });
  return { since, until };
};

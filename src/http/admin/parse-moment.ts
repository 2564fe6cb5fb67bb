import { GatewayError } from "../../core/errors.ts";

const unitMilliseconds: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A moment in milliseconds since 1970, from a date or time in ISO 8601 (UTC where no offset is given) or from how long
 * ago it was (`90m`, `24h`, `7d`, `4w`). Throws `invalid_value`.
 */
export const parseMoment = (text: string, { param, now }: { readonly param: string; readonly now: number }): number => {
  const duration = /^(\d{1,6})([mhdw])$/.exec(text);
  if (duration !== null) return now - Number(duration[1]) * (unitMilliseconds[duration[2] ?? ""] ?? 0);
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  const [, day = "", clock = "00:00", offset = "Z"] = match ?? [];
  const moment = match === null ? Number.NaN : Date.parse(`${day}T${clock}${offset}`);
  // Date.parse turns the 31st of a shorter month into the next month's first.
  const isRealDay = Number.isFinite(moment) && new Date(`${day}T00:00Z`).toISOString().startsWith(day);
  if (isRealDay) return moment;
  throw new GatewayError(
    "invalid_value",
    `Invalid value for '${param}': expected a date (2026-11-01), a moment (2026-11-01T12:00:00Z) or how long ago (24h, 7d).`,
    { param },
  );
};

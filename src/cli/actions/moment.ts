import { wrongUsage } from "../cli-error.ts";
import { type MomentOptions, parseMoment } from "../duration.ts";

/** An option's moment in ISO 8601, as the API takes it; undefined where it was not given. Throws on anything else. */
export const readMoment = (option: string, text: string | undefined, options: MomentOptions): string | undefined => {
  if (text === undefined) return undefined;
  const moment = parseMoment(text, options);
  // What is out of a Date's range cannot be written as a date.
  if (moment !== undefined && Math.abs(moment) <= 8.64e15) return new Date(moment).toISOString();
  throw wrongUsage(`${option} takes a duration (90m, 24h, 7d) or a date (2026-11-30); got '${text}'.`);
};

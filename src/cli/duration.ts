const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds of `90s`, `15m`, `12h`, `7d`, `2w`, `1y`, also put together (`1d12h`); undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const trimmed = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?[smhdwy])+$/.test(trimmed)) return undefined;
  const parts = trimmed.matchAll(/(\d+(?:\.\d+)?)([smhdwy])/g);
  const total = [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
};

export interface MomentOptions {
  readonly now: number;
  /** Whether a duration reaches back from now (`--since 7d`) or forward (`--expires 90d`). */
  readonly direction: "back" | "forward";
}

const dateOnly = /^\d{4}-\d{2}-\d{2}$/;
const dateTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

/** A moment, milliseconds since 1970, from a duration or an ISO date (UTC where it names no zone); undefined otherwise. */
export const parseMoment = (text: string, { now, direction }: MomentOptions): number | undefined => {
  const duration = parseDuration(text);
  if (duration !== undefined) return direction === "back" ? now - duration : now + duration;
  const written = text.trim();
  if (!dateOnly.test(written) && !dateTime.test(written)) return undefined;
  const hasZone = dateOnly.test(written) || /(z|[+-]\d{2}:?\d{2})$/i.test(written);
  const time = Date.parse(hasZone ? written.replace(" ", "T") : `${written.replace(" ", "T")}Z`);
  return Number.isNaN(time) ? undefined : time;
};

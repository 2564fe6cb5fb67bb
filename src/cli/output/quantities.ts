import { toUsd } from "../../core/money.ts";

/** `$0.0042`, `$12.30`; `–` where nothing is known. Amounts below a cent keep two significant digits. */
export const formatUsd = (usd: number | null | undefined): string => {
  if (usd === null || usd === undefined) return "–";
  if (usd === 0) return "$0";
  const size = Math.abs(usd);
  const decimals = size >= 1 ? 2 : Math.min(12, 1 - Math.floor(Math.log10(size)));
  return `$${usd.toFixed(Math.max(2, decimals))}`;
};

export const formatPicoUsd = (amount: number | null | undefined): string =>
  amount === null || amount === undefined ? "–" : formatUsd(toUsd(amount));

/** `1,234,567`; `–` where nothing is known. */
export const formatCount = (count: number | null | undefined): string =>
  count === null || count === undefined ? "–" : Math.round(count).toLocaleString("en-US");

/** `128k`, `1M`: sizes of context windows. */
export const formatTokens = (tokens: number | null | undefined): string => {
  if (tokens === null || tokens === undefined) return "–";
  if (tokens >= 1_000_000) return `${Number((tokens / 1_000_000).toFixed(1))}M`;
  return tokens >= 1_000 ? `${Math.round(tokens / 1_000)}k` : String(tokens);
};

/** `85 ms`, `1.2 s`, `3 min 20 s`; `–` where nothing is known. */
export const formatMilliseconds = (milliseconds: number | null | undefined): string => {
  if (milliseconds === null || milliseconds === undefined) return "–";
  if (milliseconds < 10) return `${Number(milliseconds.toFixed(1))} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${Number((milliseconds / 1_000).toFixed(1))} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** `2026-11-21 07:35` in UTC; `–` where nothing is known. */
export const formatTime = (milliseconds: number | null | undefined): string =>
  milliseconds === null || milliseconds === undefined || !Number.isFinite(milliseconds)
    ? "–"
    : new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ");

import { z } from "zod";
import { toUsd } from "../../../core/money.ts";
import type { UsageRow } from "../../../core/ports/ledger-store.ts";
import { named, time } from "./registry.ts";

const group = z.enum(["model", "key", "day", "provider", "route", "tenant"]);

const row = named(
  "UsageRow",
  z.strictObject({
    group: z.string().nullable().describe("The group's value, a day as 2026-11-30 in UTC; null where calls have none."),
    calls: z.int(),
    attempts: z.int(),
    failures: z.int(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    costUsd: z.number(),
    chargeUsd: z.number(),
    estimatedUsd: z.number().describe("Part of costUsd that nobody reported: from estimated usage, or an upper bound."),
    unpricedAttempts: z.int().describe("Attempts at models without a price: their cost is missing from the sums."),
  }),
);

export const usageResponse = named(
  "Usage",
  z.strictObject({ by: group, since: time.nullable(), until: time.nullable(), data: z.array(row) }),
);

const moment = z.string().max(40).optional();
export const usageQuery = z.strictObject({
  by: group.default("model"),
  since: moment.describe("A date (2026-11-01), a moment (2026-11-01T12:00:00Z), or how long ago (90m, 24h, 7d, 4w)."),
  until: moment.describe("As `since`; not included itself."),
});

export const showUsageRow = (usage: UsageRow): z.input<typeof row> => ({
  group: usage.group,
  calls: usage.calls,
  attempts: usage.attempts,
  failures: usage.failures,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  costUsd: toUsd(usage.costPicoUsd),
  chargeUsd: toUsd(usage.chargePicoUsd),
  estimatedUsd: toUsd(usage.estimatedPicoUsd),
  unpricedAttempts: usage.unpricedAttempts,
});

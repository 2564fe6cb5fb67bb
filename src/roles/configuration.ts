import { z } from "zod";
import { auditSchema } from "../audit/settings.ts";
import { authSchema } from "../auth/settings.ts";
import { adminSchema } from "../http/admin/settings.ts";
import { serverSchema } from "../http/settings.ts";
import { idempotencySchema } from "../idempotency/settings.ts";
import { learningSchema } from "../learning/settings.ts";
import { ledgerSchema } from "../ledger/settings.ts";
import { budgetsSchema } from "../limits/budgets/settings.ts";
import { limitsSchema } from "../limits/settings.ts";
import { providerModules } from "../providers/index.ts";
import { providerName, providerSchema } from "../providers/settings.ts";
import { discoverySchema } from "../registry/settings.ts";
import { experimentsSchema } from "../routing/experiments/settings.ts";
import { routesSchema } from "../routing/settings.ts";
import { runtimeSchema } from "../runtime/settings.ts";
import { loggingSchema, metricsSchema } from "../telemetry/settings.ts";

const kinds = providerModules.map(({ kind }) => kind) as [string, ...string[]];

/** The whole configuration: each room's keys, joined. */
export const configurationSchema = z.strictObject({
  server: serverSchema.prefault({}),
  auth: authSchema.prefault({}),
  admin: adminSchema.prefault({}),
  providers: z.record(providerName, providerSchema(kinds)).default({}),
  routes: routesSchema.default({}),
  experiments: experimentsSchema,
  discovery: discoverySchema.prefault({}),
  ledger: ledgerSchema.prefault({}),
  audit: auditSchema.prefault({}),
  idempotency: idempotencySchema.prefault({}),
  learning: learningSchema.prefault({}),
  limits: limitsSchema,
  budgets: budgetsSchema,
  logging: loggingSchema.prefault({}),
  metrics: metricsSchema.prefault({}),
  runtime: runtimeSchema.prefault({}),
});
export type Configuration = z.output<typeof configurationSchema>;

import type { AdminRouteDefinition } from "../route.ts";
import { auditRoutes } from "./audit.ts";
import { budgetRoutes } from "./budgets.ts";
import { decisionRoutes } from "./decisions.ts";
import { experimentRoutes } from "./experiments.ts";
import { keyRoutes } from "./keys.ts";
import { ledgerRoutes } from "./ledger.ts";
import { modelRoutes } from "./models.ts";
import { policyRoutes } from "./policies.ts";
import { providerRoutes } from "./providers.ts";
import { roleRoutes } from "./roles.ts";
import { secretRoutes } from "./secrets.ts";
import { systemRoutes } from "./system.ts";
import { tenantRoutes } from "./tenants.ts";

/** Every route of the admin API. */
export const adminRoutes: readonly AdminRouteDefinition[] = [
  ...keyRoutes,
  ...roleRoutes,
  ...tenantRoutes,
  ...providerRoutes,
  ...modelRoutes,
  ...ledgerRoutes,
  ...decisionRoutes,
  ...budgetRoutes,
  ...experimentRoutes,
  ...auditRoutes,
  ...secretRoutes,
  ...policyRoutes,
  ...systemRoutes,
];

import { openDirectory } from "../auth/directory-service.ts";
import { openKeyGrants } from "../auth/key-grants.ts";
import { explainConfiguration } from "../config/explain.ts";
import type { Caller } from "../core/caller.ts";
import type { Budgets } from "../core/ports/budgets.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Policies } from "../core/ports/policies.ts";
import { createAdminApp } from "../http/admin/create-admin-app.ts";
import type { AdminFailure, AdminReload, AdminStatus } from "../http/admin/dependencies.ts";
import type { Registry } from "../registry/registry.ts";
import { choosingPolicy, runBacktest } from "../routing/backtest/run-backtest.ts";
import { strategyNames } from "../routing/strategies/index.ts";
import type { Access } from "./access.ts";
import { type AdminRegistryParts, createAdminRegistry } from "./admin-registry.ts";
import { openExperiments } from "./experiments.ts";
import { foldedFirst, foldedLedger } from "./folded-ledger.ts";
import type { Learning } from "./learning.ts";
import type { Loaded } from "./load-configuration.ts";
import { describeSecrets, rotateMasterKey } from "./open-secrets.ts";
import type { Storage } from "./open-storage.ts";
import { createProviderPolicy, type Origin } from "./provider-policy.ts";
import { version } from "./version.ts";

export interface AdminApiParts {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly access: Pick<Access, "keys" | "roles">;
  readonly budgets: Pick<Budgets, "list">;
  readonly learning: Pick<Learning, "forgetUser">;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly actorOf: (caller: Caller) => string;
  readonly configuration: () => Loaded;
  readonly resolveSecret: AdminRegistryParts["resolveSecret"];
  readonly reloadStored: () => Promise<void>;
  readonly check: AdminRegistryParts["check"];
  /** Takes what the journal holds into the database. */
  readonly fold: () => Promise<void>;
  readonly reload: () => Promise<AdminReload>;
  /** When the program started, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly address: () => string;
  readonly callsInFlight: () => number | Promise<number>;
  readonly onFailed: (failure: AdminFailure) => void;
}

const originOf = (actor: string): Origin => {
  if (actor === "local") return "owner";
  return actor === "open" ? "neighbours" : "others";
};

/** The admin API, joined to what it shows and changes. Only its first request needs this file, and all that it takes. */
export const openAdminApi = (parts: AdminApiParts): ReturnType<typeof createAdminApp> => {
  const { storage, registry, access, clock, configuration, startedAt } = parts;

  const status = async (): Promise<AdminStatus> => ({
    version,
    startedAt,
    uptimeSeconds: Math.floor((clock.wall() - startedAt) / 1_000),
    address: parts.address(),
    providers: [...registry.snapshot().providers.values()].map(({ name, check }) => ({
      name,
      reachable: check === undefined ? null : check.error === undefined,
    })),
    callsInFlight: await parts.callsInFlight(),
  });

  const judgeProvider = createProviderPolicy({ settings: () => configuration().value.admin });

  return createAdminApp({
    keys: openKeyGrants({ service: access.keys, roles: access.roles, strategies: strategyNames }),
    directory: openDirectory({ store: storage.directory, clock, roles: access.roles }),
    roles: access.roles,
    ledger: foldedLedger(storage.ledger, parts.fold),
    learning: {
      judgedCalls: foldedFirst(storage.learning.judgedCalls, parts.fold),
      feedbackOf: storage.learning.feedbackOf,
      forgetUser: parts.learning.forgetUser,
    },
    backtest: (query, policy) => parts.fold().then(() => runBacktest(storage.learning, query, choosingPolicy(policy))),
    budgets: parts.budgets,
    experiments: openExperiments({
      store: storage.experiments,
      fold: parts.fold,
      configuration: () => configuration().value,
      now: clock.wall,
    }),
    policies: parts.policies,
    registry: createAdminRegistry({
      store: storage.registry,
      registry,
      now: clock.wall,
      resolveSecret: parts.resolveSecret,
      reloadStored: parts.reloadStored,
      check: parts.check,
      routes: () => configuration().value.routes,
    }),
    judgeProvider: (specification, caller) => judgeProvider(specification, originOf(parts.actorOf(caller))),
    secrets: { state: () => describeSecrets(storage), rotate: () => rotateMasterKey(storage) },
    configuration: () => explainConfiguration(configuration()),
    reload: parts.reload,
    status,
    clock,
    audit: storage.audit,
    actorOf: parts.actorOf,
    onFailed: parts.onFailed,
  });
};

import { GatewayError, toGatewayError } from "../../core/errors.ts";
import { allPermissions } from "../../core/permissions.ts";
import type { ActDescription, AuditedChange, AuditLog } from "../../core/ports/audit.ts";
import type { BacktestedPolicy, BacktestReport } from "../../core/ports/backtest.ts";
import type { BudgetStanding } from "../../core/ports/budgets.ts";
import type { Directory } from "../../core/ports/directory.ts";
import type { KeyService, MadeKey } from "../../core/ports/keys.ts";
import type { JudgedCall } from "../../core/ports/learning.ts";
import type { Policies, PolicyStatus } from "../../core/ports/policies.ts";
import type {
  AdminCondition,
  AdminDependencies,
  AdminModel,
  AdminProvider,
  AdminProviderSpecification,
  AdminRegistry,
  AdminReload,
} from "./dependencies.ts";
import { makeExperiments } from "./fake-experiments.ts";
import { makeLedger, now } from "./fake-ledger.ts";

const provider = (name: string, source: AdminProvider["source"]): AdminProvider => ({
  name,
  kind: "openai",
  baseUrl: "https://user:hunter2@api.example/v1",
  source,
  enabled: true,
  priority: 100,
  hasKey: true,
  modelCount: 1,
  revision: source === "database" ? 1 : null,
  lastTest: { at: now, ok: true, latencyMilliseconds: 12.5, models: ["m"], error: null },
});

const model = (of: string, name: string, source: AdminModel["source"]): AdminModel => ({
  provider: of,
  model: name,
  enabled: true,
  source,
  revision: source === "database" ? 1 : null,
  facts: { name: `The ${name}`, contextTokens: 8_192, price: { input: 1, output: 2 }, source: "catalogue" },
});

const makeKeys = (): KeyService => {
  const keys = new Map<string, Omit<MadeKey, "key">>();
  const demand = (id: string) => {
    const found = keys.get(id);
    if (found === undefined) throw new GatewayError("not_found", "There is no such key.");
    return found;
  };
  const make: KeyService["make"] = async ({ name, role, tenant, team, routes, models, expiresAt, everywhere }) => {
    const id = `key_${keys.size + 1}`;
    const record = {
      ...{
        id,
        name,
        suffix: "wxyz",
        role: role ?? ("developer" as const),
        tenant: tenant ?? "none",
        everywhere: everywhere ?? false,
        ...{
          userId: null,
          allowedAddresses: null,
          limits: null,
          profile: null,
          priority: "normal" as const,
          revision: 1,
        },
        team: team ?? null,
      },
      ...{ routes: routes ?? null, models: models ?? null, createdAt: now, expiresAt: expiresAt ?? null },
      ...{ revokedAt: null, rotatedFrom: null, lastUsedAt: null, state: "active" as const },
    };
    keys.set(id, record);
    // As a careless implementation would give it: the API must pick what it shows.
    return { ...record, digest: "digest-of-the-key", key: `ir-secret-of-${id}` } as MadeKey;
  };
  return {
    make,
    list: async () => [...keys.values()],
    get: async (id) => demand(id),
    rotate: async (id, { overlapSeconds = 0 } = {}) => {
      const expiresAt = now + overlapSeconds * 1_000;
      keys.set(id, { ...demand(id), expiresAt });
      const made = await make({ name: demand(id).name });
      return { ...made, rotatedFrom: id };
    },
    change: async (id) => demand(id),
    revoke: async (id) => {
      keys.set(id, { ...demand(id), state: "revoked", revokedAt: now });
      return demand(id);
    },
  };
};

const checkRevision = (present: number | null, { expectedRevision }: AdminCondition): void => {
  if (expectedRevision !== undefined && expectedRevision !== present)
    throw new GatewayError("conflict", "The object was changed by somebody else. Read it again.");
};

/** A registry in memory; `specifications` holds what was put, secrets included. */
const makeRegistry = () => {
  const providers = new Map(
    (["configuration", "environment", "discovery", "database"] as const).map((source) => [
      source as string,
      provider(source, source),
    ]),
  );
  const models = new Map([
    ["database/org/m:1", model("database", "org/m:1", "database")],
    ["configuration/m", model("configuration", "m", "configuration")],
  ]);
  const specifications: AdminProviderSpecification[] = [];
  const registry: AdminRegistry = {
    providers: async () => [...providers.values()],
    putProvider: async (name, specification, condition) => {
      const present = providers.get(name)?.revision ?? null;
      checkRevision(present, condition);
      const { kind, baseUrl = null, priority, enabled, apiKey } = specification;
      const put = {
        ...provider(name, "database"),
        kind,
        baseUrl,
        priority,
        enabled,
        hasKey: apiKey !== undefined,
        lastTest: null,
      };
      const stored = { ...put, apiKey, revision: (present ?? 0) + 1 };
      providers.set(name, stored);
      specifications.push(specification);
      return stored;
    },
    removeProvider: async (name, condition) => {
      checkRevision(providers.get(name)?.revision ?? null, condition);
      providers.delete(name);
    },
    testProvider: async () => ({ ok: false, latencyMilliseconds: 3, models: [], error: "No answer." }),
    models: async () => [...models.values()],
    putModel: async ({ provider: of, model: name }, { facts, enabled }, condition) => {
      const id = `${of}/${name}`;
      const present = models.get(id)?.revision ?? null;
      checkRevision(present, condition);
      const put = {
        provider: of,
        model: name,
        facts,
        enabled,
        source: "database",
        revision: (present ?? 0) + 1,
      } as const;
      models.set(id, put);
      return put;
    },
    removeModel: async ({ provider: of, model: name }, condition) => {
      checkRevision(models.get(`${of}/${name}`)?.revision ?? null, condition);
      models.delete(`${of}/${name}`);
    },
    routes: () => [{ name: "fast", kind: "declared", strategy: "priority", targets: [{ id: "cloud/m", weight: 1 }] }],
  };
  return { registry, specifications };
};

/** Acts as they were performed, and nothing of a chain. */
const makeAudit = () => {
  const acts: (ActDescription & { readonly code: string | null; readonly noted: AuditedChange | undefined })[] = [];
  const audit: AuditLog = {
    async perform(description, work) {
      let noted: AuditedChange | undefined;
      const note = (change: AuditedChange): void => {
        noted = change;
      };
      try {
        const result = await work({ note });
        acts.push({ ...description, code: null, noted });
        return result;
      } catch (thrown) {
        acts.push({ ...description, code: toGatewayError(thrown).code, noted });
        throw thrown;
      }
    },
    list: () => [],
    verify: async () => ({
      ...{ ok: true, rows: 0, from: null, last: null, broken: null },
      ...{ head: { state: "none", sequence: null }, unfinished: [] },
    }),
  };
  return { audit, acts };
};

const nobody = async (): Promise<never> => {
  throw new GatewayError("not_found", "There is nobody.");
};
/** Tenants are proved where they are kept: here there are none. */
const noDirectory: Directory = {
  list: async () => ({ entries: [], next: null }),
  ...{ get: nobody, create: nobody, change: nobody, remove: nobody },
};

/** Everything that the admin API needs, in memory, for tests. */
const budgetOf = (subject: string): BudgetStanding => ({
  budget: 0,
  scope: "key",
  subject,
  period: { per: "day", start: now, end: now + 86_400_000 },
  ...{ limit: 2e12, spent: 5e11, held: 1e11, forecast: 1e12, runsOutAt: null },
});

/** Two decisions of a policy, of two tenants, and what was said of the newer one. */
const makeLearning = (): AdminDependencies["learning"] => {
  const word = {
    id: "1",
    callId: "call_2",
    tenant: "default",
    giver: "key:k",
    source: "rating",
    reward: 1,
    at: now,
  } as const;
  const judged = (callId: string, tenant: string, startedAt: number): JudgedCall => ({
    ...{ callId, tenant, keyId: "k", userId: null, route: "fast", startedAt, outcome: "ok", targets: ["cloud/m"] },
    ...{ target: "cloud/m", costUsd: 0.001, durationMilliseconds: 10 },
    detail: {
      ...{ policy: "learned", version: "1", confidence: 0.8, action: "cloud/m", propensity: 0.9, binding: "utility" },
      expected: [
        { action: "cloud/m", quality: 0.8, lower: 0.7, upper: 0.9, costUsd: 0.001, utility: 0.7 },
        { action: "cloud/l", quality: 0.9, lower: 0.8, upper: 1, costUsd: 0.01, utility: Number.NaN },
      ],
    },
    feedback: callId === word.callId ? [word] : [],
  });
  const all = [judged("call_2", "default", now + 2), judged("call_1", "acme", now + 1)];
  return {
    judgedCalls: async ({ tenant, before, limit }) =>
      all
        .filter((call) => tenant === undefined || call.tenant === tenant)
        .filter((call) => before === undefined || call.startedAt < before.startedAt)
        .slice(0, limit),
    feedbackOf: async (callId) => all.find((call) => call.callId === callId)?.feedback ?? [],
    forgetUser: async (tenant, userId) => (tenant === "default" && userId === "ada" ? 3 : 0),
  };
};

const backtestOf = (route: string, policy: BacktestedPolicy): BacktestReport => {
  const line = {
    policy: policy.kind === "constant" ? policy.target : `λ = ${policy.lambda}`,
    quality: { value: 0.8, lower: 0.7, upper: 0.9 },
    ...{ costUsd: null, latencyMilliseconds: null, agreement: 0.5, effectiveCalls: 10.5 },
  };
  const counts = { route, calls: 2, complete: true, judged: 1, leftOut: 0 };
  const lifts = [{ over: "today", quality: { value: -0.1, lower: -0.2, upper: 0 }, costUsd: null }];
  return { ...counts, policy: line, today: line, bestConstant: line, zeroRouter: null, lifts, notes: ["Few calls."] };
};

const makePolicies = (): Policies => {
  let served: PolicyStatus["served"] = "newest";
  let canary: PolicyStatus["canary"] = null;
  const arm = { calls: 3, utility: 0.5 };
  const status = async (route: string): Promise<PolicyStatus> => {
    if (route !== "auto") throw new GatewayError("not_found", "There is no route of this name that learns.");
    return {
      route,
      gate: {
        ...{ mode: "serving", reason: "proven", judged: 500 },
        overConstant: { against: "a/x", value: 0.1, lower: 0.05 },
        overZeroRouter: null,
      },
      ...{ calls: 700, rewards: 600, lambda: 12.5, trialsUsd: 0.25, served, canary },
      versions: [{ id: 1, at: now, rewards: 400, reason: "frozen" }],
    };
  };
  return {
    status,
    async act(route, act) {
      await status(route);
      served = act.kind === "freeze" ? 1 : act.kind === "rollback" ? (act.version ?? 1) : "newest";
      canary =
        act.kind === "promote" && act.canary !== undefined
          ? { ...act.canary, since: now, newest: arm, served: arm }
          : null;
      return status(route);
    },
  };
};

export const makeDependencies = (overrides: { readonly reload?: AdminReload; readonly calls?: number } = {}) => {
  const { registry, specifications } = makeRegistry();
  const { ledger, asked } = makeLedger(overrides.calls ?? 3);
  const { audit, acts } = makeAudit();
  const failures: GatewayError[] = [];
  const keys = makeKeys();
  const dependencies: AdminDependencies = {
    keys: ({ tenant }) => ({ ...keys, make: (given) => keys.make({ tenant, ...given }) }),
    directory: () => noDirectory,
    roles: () => new Map([["admin", allPermissions]]),
    ledger,
    learning: makeLearning(),
    backtest: async ({ route }, policy) => backtestOf(route, policy),
    budgets: {
      list: async ({ limit, after }) => {
        const subjects = ["k 3.ä", "k_1", "k_2"].filter((one) => after === undefined || one > after.subject);
        return { standings: subjects.slice(0, limit).map(budgetOf), more: subjects.length > limit };
      },
    },
    experiments: makeExperiments(),
    registry,
    policies: makePolicies(),
    judgeProvider: async () => undefined,
    secrets: {
      state: () => ({ masterKey: "k1", source: "file", providers: ["cloud"] }),
      rotate: () => ({ masterKey: "k2", secrets: 1 }),
    },
    configuration: () => [
      { path: "server.port", value: 8_000, source: "default" },
      { path: "providers.cloud.apiKey", value: "[secret]", source: "config.yaml:3", reference: "env:CLOUD_KEY" },
    ],
    reload: async () => overrides.reload ?? { ok: true, changed: true },
    status: () => ({
      ...{ version: "1.0.0", startedAt: now, uptimeSeconds: 1.5, address: "http://127.0.0.1:8000", callsInFlight: 0 },
      providers: [{ name: "cloud", reachable: null }],
    }),
    clock: { monotonic: () => 0, wall: () => now },
    audit,
    actorOf: ({ keyId }) => keyId ?? "open",
    onFailed: ({ error }) => failures.push(error),
  };
  return { dependencies, specifications, asked, failures, acts };
};

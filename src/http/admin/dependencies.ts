import type { Caller, Role } from "../../core/caller.ts";
import type { GatewayError } from "../../core/errors.ts";
import type { ModelFacts } from "../../core/model.ts";
import type { Permissions } from "../../core/permissions.ts";
import type { AuditLog } from "../../core/ports/audit.ts";
import type { BacktestedPolicy, BacktestQuery, BacktestReport } from "../../core/ports/backtest.ts";
import type { Budgets } from "../../core/ports/budgets.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Directory } from "../../core/ports/directory.ts";
import type { Experiments } from "../../core/ports/experiments.ts";
import type { KeyService } from "../../core/ports/keys.ts";
import type { LearningStore } from "../../core/ports/learning.ts";
import type { LedgerStore } from "../../core/ports/ledger-store.ts";
import type { Policies } from "../../core/ports/policies.ts";

/** Where an object comes from. Only those of the database can be changed here. */
export type AdminSource = "configuration" | "environment" | "discovery" | "database";

export interface AdminProviderTest {
  readonly ok: boolean;
  readonly latencyMilliseconds: number;
  /** Names of the models that the provider says it serves. */
  readonly models: readonly string[];
  /** What went wrong, for people; never a secret. */
  readonly error: string | null;
}

export interface AdminProvider {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string | null;
  readonly source: AdminSource;
  readonly enabled: boolean;
  readonly priority: number;
  readonly hasKey: boolean;
  readonly modelCount: number;
  /** Of an object of the database; null for others. */
  readonly revision: number | null;
  /** `at` in milliseconds since 1970. */
  readonly lastTest: (AdminProviderTest & { readonly at: number }) | null;
}

export interface AdminProviderSpecification {
  readonly kind: string;
  readonly baseUrl?: string | undefined;
  /** The key, `env:NAME` or `file:PATH`; null takes the present one away, absent keeps it. */
  readonly apiKey?: string | null | undefined;
  /** Lower comes first. */
  readonly priority: number;
  readonly enabled: boolean;
  /** Options of the kind; absent keeps the present ones. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

export interface AdminModel {
  readonly provider: string;
  readonly model: string;
  readonly enabled: boolean;
  readonly source: AdminSource;
  readonly revision: number | null;
  readonly facts: ModelFacts;
}

/** A change is made only where the object still has this revision; null: where it is not there; absent: always. */
export interface AdminCondition {
  readonly expectedRevision?: number | null;
}

export interface AdminRoute {
  readonly name: string;
  readonly kind: "declared" | "implicit";
  readonly strategy: string;
  readonly targets: readonly { readonly id: string; readonly weight: number }[];
}

/**
 * Providers, models and routes as they stand, and changes to those of the database, which take effect before the
 * promise resolves. Throws `not_found`, `conflict` where the revision is another, `invalid_value`.
 */
export interface AdminRegistry {
  providers(): Promise<readonly AdminProvider[]>;
  putProvider(
    name: string,
    specification: AdminProviderSpecification,
    condition: AdminCondition,
  ): Promise<AdminProvider>;
  removeProvider(name: string, condition: AdminCondition): Promise<void>;
  /** Asks the provider for its models. A provider that fails is a result, not an error. */
  testProvider(name: string, signal: AbortSignal): Promise<AdminProviderTest>;
  models(): Promise<readonly AdminModel[]>;
  putModel(
    id: { readonly provider: string; readonly model: string },
    specification: { readonly facts: ModelFacts; readonly enabled: boolean },
    condition: AdminCondition,
  ): Promise<AdminModel>;
  removeModel(id: { readonly provider: string; readonly model: string }, condition: AdminCondition): Promise<void>;
  routes(): readonly AdminRoute[];
}

/** One effective value of the configuration; secrets are masked already. */
export interface AdminConfigurationEntry {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
  /** Where a secret is fetched from (`env:OPENAI_API_KEY`). */
  readonly reference?: string;
}

export type AdminReload =
  | { readonly ok: true; readonly changed: boolean }
  /** The former configuration stays in use; each problem is one sentence that names path and place. */
  | { readonly ok: false; readonly problems: readonly string[] };

export interface AdminStatus {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly uptimeSeconds: number;
  readonly address: string;
  /** `reachable` is null where nothing is known yet. */
  readonly providers: readonly { readonly name: string; readonly reachable: boolean | null }[];
  readonly callsInFlight: number;
}

export interface AdminFailure {
  readonly path: string;
  readonly error: GatewayError;
  readonly caller: Caller;
  readonly requestId: string | null;
}

/** The credentials of providers as they stand in the database: encrypted, and never shown. */
export interface AdminSecrets {
  /** The id of the newest master key, and where it comes from. */
  state(): {
    readonly masterKey: string;
    readonly source: "environment" | "file";
    readonly providers: readonly string[];
  };
  /** Makes a new master key and brings all credentials under it. Throws `conflict` where the environment gives the key. */
  rotate(): { readonly masterKey: string; readonly secrets: number };
}

/** What the admin API needs of the rest of the program. */
export interface AdminDependencies {
  /** The keys as a caller may see and change them. */
  keys(caller: Caller): KeyService;
  /** Tenants, teams and users as a caller may see and change them. */
  directory(caller: Caller): Directory;
  /** Every role, with what it may. */
  roles(): ReadonlyMap<Role, Permissions>;
  readonly ledger: LedgerStore;
  /** What policies learn from, with the calls of this moment. */
  readonly learning: Pick<LearningStore, "judgedCalls" | "feedbackOf" | "forgetUser">;
  /** Judges a policy by recorded calls. Throws `invalid_value` where none can be looked at. */
  backtest(query: BacktestQuery, policy: BacktestedPolicy): Promise<BacktestReport>;
  readonly budgets: Pick<Budgets, "list">;
  readonly experiments: Experiments;
  readonly registry: AdminRegistry;
  /** What routes that learn have learned. */
  readonly policies: Policies;
  readonly secrets: AdminSecrets;
  /** Throws `invalid_value` for a provider that this caller may not add: its address, or where its key is read from. */
  judgeProvider(specification: AdminProviderSpecification, caller: Caller): Promise<void>;
  configuration(): readonly AdminConfigurationEntry[];
  reload(): Promise<AdminReload>;
  status(): AdminStatus | Promise<AdminStatus>;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** How the audit log names who acts: a key's id, `local` … */
  actorOf(caller: Caller): string;
  /** Told of each request that was answered with an error, so that the log has its cause. */
  onFailed(failure: AdminFailure): void;
}

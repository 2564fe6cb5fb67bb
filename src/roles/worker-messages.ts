import type { UpOptions } from "../cli/roles.ts";
import type { Standing } from "../core/ports/health.ts";
import type { LearningNotice } from "../core/ports/learning.ts";
import type { AdminReload } from "../http/admin/dependencies.ts";
import type { DeclaredProvider, ProviderCheck } from "../registry/provider-entry.ts";
import type { BudgetsService } from "../remote/budgets.ts";
import type { GuessesService } from "../remote/guesses.ts";
import type { HealthService } from "../remote/health.ts";
import type { LimitsService } from "../remote/limits.ts";
import type { MetricFamily } from "../telemetry/exposition.ts";
import type { CapturedConfiguration } from "./captured-configuration.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Change } from "./peers.ts";

// All of it is plain data: it goes from process to process as JSON.

/** Takes nothing. */
export type Nothing = Readonly<Record<never, never>>;

/** What a worker begins with. */
export interface WorkerOrder {
  readonly local: Pick<UpOptions, "config" | "data" | "workingDirectory" | "flags" | "logs">;
  readonly folder: DataFolder;
  readonly configuration: CapturedConfiguration;
  /** The port is chosen by now. */
  readonly port: number;
  readonly localToken: string;
  readonly workers: number;
  /** Milliseconds since 1970, of the program as a whole. */
  readonly startedAt: number;
  /** Milliseconds since 1970, by the clock of budgets' periods. */
  readonly now: number;
  readonly standings: readonly (readonly [targetId: string, standing: Standing])[];
  readonly found: readonly PlainProvider[];
  readonly checks: readonly (readonly [provider: string, check: ProviderCheck])[];
  /** Why no call may be taken at present. */
  readonly refusal: string | null;
}

/** A provider that was found on this machine. */
export interface PlainProvider extends Omit<DeclaredProvider, "models"> {
  readonly models: readonly (readonly [model: string, facts: never])[];
}

/** An error that ended a worker's start, for the command line to show as its own. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly problems?: unknown;
}

/** What the supervisor serves to each of its workers. */
export interface SupervisorService extends HealthService, LimitsService, BudgetsService, GuessesService {
  /** The first question of each worker; from the answer on it is told of everything. */
  "worker.hello"(nothing: Nothing): WorkerOrder;
  "worker.ready"(nothing: Nothing): void;
  /** The start came to nothing; the worker ends when it has its answer. */
  "worker.failed"(error: PlainError): void;
  /** The journal's disk cannot be trusted any more: the whole program must end. */
  "worker.fault"(error: PlainError): void;
  "ledger.fold"(nothing: Nothing): Promise<void>;
  /** Resolves when every other process knows. */
  "database.changed"(question: { readonly change: Change }): Promise<void>;
  /** For every other process. */
  "learning.notices"(question: { readonly notices: readonly LearningNotice[] }): void;
  "providers.check"(question: { readonly name: string }): Promise<ProviderCheck | null>;
  "configuration.reload"(nothing: Nothing): Promise<AdminReload>;
  /** Of the other workers. */
  "calls.count"(nothing: Nothing): Promise<number>;
  /** Of all processes, as one. */
  "metrics.collect"(nothing: Nothing): Promise<readonly MetricFamily[]>;
  /** The last word of a worker that ends in order: what it has counted. */
  "metrics.last"(question: { readonly families: readonly MetricFamily[] }): void;
}

/** What each worker serves to its supervisor. */
export interface WorkerService {
  /** Ends in order; `hurried`: without waiting for open calls. A second time may hurry on what the first began. */
  "worker.stop"(question: { readonly hurried: boolean }): void;
  "health.standing"(question: { readonly target: string; readonly standing: Standing }): void;
  "calls.refuse"(question: { readonly message: string | null }): void;
  "calls.count"(nothing: Nothing): number;
  "metrics.collect"(nothing: Nothing): readonly MetricFamily[];
  "database.changed"(question: { readonly change: Change }): Promise<void>;
  "learning.notices"(question: { readonly notices: readonly LearningNotice[] }): void;
  "providers.found"(question: { readonly found: readonly PlainProvider[] }): void;
  "providers.checked"(question: { readonly name: string; readonly check: ProviderCheck }): void;
  "configuration.apply"(captured: CapturedConfiguration): Promise<void>;
}

export const toPlainProvider = ({ models, ...rest }: DeclaredProvider): PlainProvider => ({
  ...rest,
  models: [...models] as never,
});
export const fromPlainProvider = ({ models, ...rest }: PlainProvider): DeclaredProvider => ({
  ...rest,
  models: new Map(models),
});

export const toPlainError = (thrown: unknown): PlainError => {
  if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown) };
  const { code, problems } = thrown as { readonly code?: unknown; readonly problems?: unknown };
  return {
    name: thrown.name,
    message: thrown.message,
    ...(typeof code === "string" ? { code } : {}),
    ...(problems === undefined ? {} : { problems }),
  };
};
/** Such an error is told by its name, as the command line does. */
export const fromPlainError = ({ message, ...rest }: PlainError): Error => Object.assign(new Error(message), rest);

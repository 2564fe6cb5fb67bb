import type { FaultName } from "../chaos/faults.ts";
import type { ChaosReport } from "../chaos/report.ts";
import type { ConfigurationEntry } from "../config/explain.ts";
import type { Path } from "../config/path.ts";
import type { AuditReport } from "../core/ports/audit.ts";
import type { BacktestQuery, BacktestReport } from "../core/ports/backtest.ts";
import type { LedgerReport } from "../ledger/verify.ts";

/** What every command that works on this machine's installation needs to know of it. */
export interface LocalOptions {
  /** The value of `--config`; absent means that the usual places are searched. */
  readonly config?: string;
  /** The value of `--data`; absent means INTELLIROUTER_DATA, then the default folder. */
  readonly data?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Flags that stand for configuration keys, as the loader takes them. */
  readonly flags: readonly { readonly flag: string; readonly path: Path; readonly value: unknown }[];
}

/** A gateway that listens. */
export interface Listening {
  readonly url: string;
  readonly dataFolder: string;
  /** The configuration file in use; null where there is none. */
  readonly configurationFile: string | null;
  /** An admin key that was made at this first start: shown once, and nowhere else. */
  readonly newAdminKey?: string;
  /** Lines for people: open on loopback without a key, no provider configured … */
  readonly notices: readonly string[];
}

export interface UpOptions extends LocalOptions {
  /** The value of `--role`; absent means environment, then configuration, then `all`. */
  readonly role?: string;
  /** Where log lines go: with `--json`, standard output belongs to the one document. */
  readonly logs: "stdout" | "stderr";
  /** Called once, when the socket accepts. */
  readonly onListening: (listening: Listening) => void;
  /** Called once, when every provider was looked at for the first time. */
  readonly onDiscovered?: (discovered: Discovered) => void;
}

/** What the first look at the providers found. */
export interface Discovered {
  /** A line for each provider, for people: its models, or why it did not answer. */
  readonly providers: readonly string[];
  /** A command that can be pasted and answers; null where no model is known to. */
  readonly example: string | null;
}

/** The whole program opened against its data folder, without a socket. */
export interface LocalGateway {
  /** Answers as the socket would. A request without Authorization header counts as the local administrator's. */
  fetch(request: Request): Promise<Response>;
  /** Settles what is open and closes the data folder. */
  close(): Promise<void>;
}

/** A configuration that was found valid, as commands show it. */
export interface ConfigurationReport {
  readonly file: string | null;
  readonly entries: readonly ConfigurationEntry[];
  readonly host: string;
  readonly port: number;
  readonly routes: readonly string[];
  readonly providers: readonly ConfiguredProvider[];
  readonly secrets: readonly ConfiguredSecret[];
}

/** A secret of the configuration; of itself nothing is told. */
export interface ConfiguredSecret {
  readonly path: string;
  /** As in {@link ConfigurationEntry}. */
  readonly source: string;
  /** The file that holds it; null where the environment or a flag does. */
  readonly file: string | null;
  /** Whether the text itself stands in the configuration, not a reference to it. */
  readonly isLiteral: boolean;
  /** Why it protects nothing; null where nothing speaks against it, or a server on this machine takes anything. */
  readonly weakness: string | null;
}

/** A variable of the environment that holds a secret of the gateway's own. */
export interface SecretVariable {
  readonly name: string;
  /** Why the start is refused with it; null where it is not. */
  readonly refusal: string | null;
  readonly weakness: string | null;
}

export interface ConfiguredProvider {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string | null;
  /** Works without a key. */
  readonly keyless: boolean;
  readonly keyCount: number;
  /** Environment variables that customarily hold the key of this kind. */
  readonly keyVariables: readonly string[];
}

/** What is found in the data folder; looked at read-only. */
export interface StorageReport {
  readonly folder: string;
  /** Null where there is no database yet. */
  readonly database: {
    readonly file: string;
    /** `ok`, or what the integrity check complains of. */
    readonly integrity: string;
    readonly pendingMigrations: readonly string[];
    /** When the newest record of ledger and audit log was written, in milliseconds since 1970; null where there is none. */
    readonly newestRecord: number | null;
  } | null;
}

/** What `chaos` breaks, and how. */
export interface ChaosOptions extends LocalOptions {
  /** Names of routes; none means all. */
  readonly routes: readonly string[];
  /** None means all. */
  readonly faults: readonly FaultName[];
  readonly seed: number;
  /** What deadlines are multiplied by; absent: so that the run ends soon. */
  readonly timeoutScale?: number;
  readonly form: ChaosReport["form"];
  readonly answers: ChaosReport["answers"];
}

export interface BacktestModelOptions {
  readonly local: LocalOptions;
  readonly file: string;
  /** A share of the best target's quality to keep, or the quality that a USD must buy. */
  readonly aim: { readonly keep: number } | { readonly lambda: number };
  readonly query: BacktestQuery;
}

/** What the command line needs of the program: given by `main.ts`, replaced in tests. */
export interface CliRoles {
  version(): string;
  /** Runs the gateway; resolves after a clean stop. Throws ConfigurationError or ListenError. */
  up(options: UpOptions): Promise<void>;
  openLocal(options: LocalOptions): Promise<LocalGateway>;
  /** The data folder's path; it need not exist. */
  dataFolder(options: LocalOptions): string | Promise<string>;
  /** Loads and judges the configuration. Throws ConfigurationError. */
  loadConfiguration(options: LocalOptions): Promise<ConfigurationReport>;
  inspectStorage(options: LocalOptions): Promise<StorageReport>;
  /** The variables that are set and hold a secret of the gateway's own. */
  inspectVariables(options: LocalOptions): Promise<readonly SecretVariable[]>;
  /** Reconciles the ledger, read-only, also while a gateway runs. Throws GatewayError `storage_unavailable`. */
  verifyLedger(options: LocalOptions): Promise<LedgerReport>;
  /** Walks the audit log's chain, read-only, also while a gateway runs. Throws GatewayError `storage_unavailable`. */
  verifyAudit(options: LocalOptions): Promise<AuditReport>;
  /** Judges a model file by recorded calls, read-only, also while a gateway runs. Throws GatewayError. */
  backtestModel(options: BacktestModelOptions): Promise<BacktestReport>;
  /** Breaks stand-ins of the upstreams under the user's configuration. Throws ConfigurationError or GatewayError. */
  chaos(options: ChaosOptions): Promise<ChaosReport>;
  /** Brings the database to this version's schema. Gives the names of the steps that were applied. */
  migrate(options: LocalOptions): Promise<{ readonly applied: readonly string[] }>;
  /** Takes away the credentials whose master key is lost. Gives the providers that need theirs again. */
  forgetSecrets(options: LocalOptions): Promise<{ readonly providers: readonly string[] }>;
  /** Reads the catalogue of models into the database. */
  seed(options: LocalOptions): Promise<{ readonly providers: number; readonly models: number }>;
}

/** What `up` writes to `server.json` (mode 0600) in the data folder, and removes when it stops. */
export interface ServerFile {
  readonly pid: number;
  readonly url: string;
  /** Sent as `Authorization: Bearer local-<token>`; counts as the local administrator. */
  readonly token: string;
}

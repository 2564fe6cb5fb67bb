import type { AuditReport } from "../core/ports/audit.ts";
import type { LedgerReport } from "../ledger/verify.ts";
import type { CliRoles, ConfigurationReport, StorageReport } from "./roles.ts";
import { runCommandLine } from "./run.ts";
import type { CliSystem } from "./system.ts";

/** For tests: a request that the fake gateway was sent. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly ifMatch: string | null;
  readonly body: unknown;
}

export interface Fakes {
  /** Answers by `METHOD /path` (without query): a body for 200, or a whole response. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** What is piped in; absent means a terminal. */
  readonly piped?: string;
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly lines?: readonly string[];
  readonly confirms?: boolean;
  readonly password?: string;
  readonly chosen?: string;
  readonly roles?: Partial<CliRoles>;
  readonly system?: Partial<CliSystem>;
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly SeenRequest[];
}

/** For tests: 21 November 2026, noon. */
export const testNow = Date.UTC(2026, 10, 21, 12);

const report: ConfigurationReport = {
  file: null,
  entries: [],
  host: "127.0.0.1",
  port: 0,
  routes: [],
  providers: [],
  secrets: [],
};
const storage: StorageReport = { folder: "/data", database: null };

const emptyLedger: LedgerReport = {
  figures: {
    calls: 0,
    interruptedCalls: 0,
    attempts: 0,
    costPicoUsd: 0n,
    chargePicoUsd: 0n,
    estimatedPicoUsd: 0n,
    boundPicoUsd: 0n,
    unpricedAttempts: 0,
    reportedCosts: { attempts: 0, theirsPicoUsd: 0n, oursPicoUsd: 0n },
    quarantined: 0,
    segments: 0,
    pendingBytes: 0,
    pendingCalls: 0,
    openDispatches: 0,
    abandonedDispatches: 0,
  },
  differenceCount: 0,
  differences: [],
};

const emptyAudit: AuditReport = {
  ...{ ok: true, rows: 0, from: null, last: null, broken: null },
  ...{ head: { state: "none", sequence: null }, unfinished: [] },
};

const notFound = () =>
  Response.json({ error: { code: "not_found", message: "There is no such thing." } }, { status: 404 });

const fakeRoles = (fetch: (request: Request) => Promise<Response>, given: Partial<CliRoles> = {}): CliRoles => ({
  version: () => "1.2.3",
  up: async () => undefined,
  openLocal: async () => ({ fetch, close: async () => undefined }),
  dataFolder: () => "/data",
  loadConfiguration: async () => report,
  inspectStorage: async () => storage,
  inspectVariables: async () => [],
  verifyLedger: async () => emptyLedger,
  verifyAudit: async () => emptyAudit,
  backtestModel: async () => {
    throw new Error("Nothing is recorded.");
  },
  chaos: async ({ seed, form, answers }) => ({ seed, form, answers, timeoutScale: 1, routes: [], notes: [] }),
  forgetSecrets: async () => ({ providers: [] }),
  migrate: async () => ({ applied: [] }),
  seed: async () => ({ providers: 0, models: 0 }),
  ...given,
});

/** For tests: runs one command line against a fake gateway, and gives all that could be seen of it. */
export const runFaked = async (argv: readonly string[], fakes: Fakes = {}): Promise<Outcome> => {
  const written = { stdout: "", stderr: "" };
  const requests: SeenRequest[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    requests.push({
      method: request.method,
      path: pathname + search,
      authorization: request.headers.get("authorization"),
      ifMatch: request.headers.get("if-match"),
      body: text === "" ? undefined : JSON.parse(text),
    });
    const answer = fakes.answers?.[`${request.method} ${pathname}`];
    if (answer === undefined) return notFound();
    return answer instanceof Response ? new Response(await answer.clone().text(), answer) : Response.json(answer);
  };
  const isTerminal = fakes.isTerminal ?? false;
  const sink = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTerminal,
    columns: fakes.columns ?? 80,
  });
  const system: CliSystem = {
    environment: fakes.environment ?? {},
    workingDirectory: "/work",
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    stdin: { isTerminal: fakes.piped === undefined, readText: async () => fakes.piped ?? "" },
    prompts: {
      confirm: async () => fakes.confirms ?? false,
      password: async () => fakes.password ?? "",
      choose: async () => fakes.chosen ?? "",
      async *lines() {
        yield* fakes.lines ?? [];
      },
    },
    fetch,
    readFile: async () => Promise.reject(new Error("no such file")),
    processId: 1,
    isProcessAlive: () => false,
    runtimeVersion: "1.4.5",
    now: () => testNow,
    sleep: async () => undefined,
    onInterrupt: () => ({ cancel: () => undefined }),
    ...fakes.system,
  };
  const exitCode = await runCommandLine({ argv, system, roles: fakeRoles(fetch, fakes.roles) });
  return { exitCode, ...written, requests };
};

/** For tests: a streamed answer of server-sent events. */
export const streamOf = (...events: readonly unknown[]): Response =>
  new Response(
    `${events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("")}`,
    { headers: { "content-type": "text/event-stream", "x-request-id": "req_1", "x-intellirouter-provider": "lab" } },
  );

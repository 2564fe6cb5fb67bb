import { GatewayError } from "../core/errors.ts";
import type { SpendingAnswer, SpendingLedger } from "../core/ports/budgets.ts";
import { type BackgroundWorker, startWorker } from "../runtime/background-worker.ts";
import type { LedgerAnswer, LedgerRequest, SpendingQuery } from "./ledger-messages.ts";

export interface LedgerThreadOptions extends Omit<LedgerRequest & { type: "start" }, "type"> {
  readonly onProblem: (message: string) => void;
  /** Told each time that the database's disk is full or broken, with the database's own code. */
  readonly onDiskFault?: (error: GatewayError, code: string) => void;
  /** Told when the database takes rows again. */
  readonly onRecovered?: () => void;
}

/** The journal's way into the database, in a thread of its own. */
export interface LedgerThread extends SpendingLedger {
  /** Resolves when all that was appended before is in the database. Throws `storage_unavailable`. */
  fold(): Promise<void>;
  /** Folds once more and ends the thread. What could not be folded stays in the journal, for the next start. */
  stop(): Promise<void>;
}

interface Waiter {
  readonly resolve: (answer: SpendingAnswer | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that died is followed by another one after so long: its work is all in the journal. */
const restartMilliseconds = 1_000;

const gone = (): GatewayError =>
  new GatewayError("storage_unavailable", "The ledger's thread has ended; it is started again. Try again shortly.");

/** A locked database is waited for; a full or broken disk is no matter of waiting. */
const isDiskFault = (code: string | undefined): code is string =>
  code !== undefined && (code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR"));

/** Clients may see it, so it does not say where the database is. */
const cannotRecord = (message: string, code: string): GatewayError =>
  new GatewayError(
    "storage_unavailable",
    `The gateway cannot record calls at present, so it takes none: its database cannot be written (${code}). The log says why.`,
    { cause: new Error(message) },
  );

class SupervisedThread implements LedgerThread {
  readonly #options: LedgerThreadOptions;
  readonly #waiting = new Map<number, Waiter>();
  #worker: BackgroundWorker<LedgerAnswer, LedgerRequest> | undefined;
  #last = 0;
  #isStopped = false;

  constructor(options: LedgerThreadOptions) {
    this.#options = options;
    this.#start();
  }

  async fold(): Promise<void> {
    await this.#ask({ type: "fold" });
  }

  async spending(query: SpendingQuery): Promise<SpendingAnswer> {
    const answer = await this.#ask({ type: "spending", query });
    if (answer === undefined) throw gone();
    return answer;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    try {
      await this.#ask({ type: "stop" });
    } catch (error) {
      this.#options.onProblem(`The last fold failed; its records stay in the journal: ${String(error)}`);
    }
    this.#worker?.terminate();
  }

  #start(): void {
    const { onProblem, onDiskFault, onRecovered, ...settings } = this.#options;
    const worker = startWorker<LedgerAnswer, LedgerRequest>(new URL("./ledger-worker.ts", import.meta.url));
    worker.onMessage((message) => {
      if (message.type === "recovered") return onRecovered?.();
      if (message.type === "failed" && isDiskFault(message.code))
        onDiskFault?.(cannotRecord(message.message, message.code), message.code);
      if (message.type !== "done") return onProblem(message.message);
      const waiter = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiter?.resolve(message.spending);
      else waiter?.reject(new GatewayError("storage_unavailable", message.error));
    });
    worker.onError((error) => this.#died(worker, error));
    worker.post({ type: "start", ...settings });
    this.#worker = worker;
  }

  #died(worker: BackgroundWorker<LedgerAnswer, LedgerRequest>, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    worker.terminate();
    this.#options.onProblem(`The ledger's thread failed: ${error instanceof Error ? error.message : String(error)}`);
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
    setTimeout(() => {
      if (!this.#isStopped) this.#start();
    }, restartMilliseconds).unref();
  }

  #ask(
    request: { readonly type: "fold" | "stop" } | { readonly type: "spending"; readonly query: SpendingQuery },
  ): Promise<SpendingAnswer | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#worker === undefined) return reject(gone());
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.post({ ...request, id });
    });
  }
}

/** Starts the thread. It tries again what fails: until then its records stay in the journal. */
export const startLedgerThread = (options: LedgerThreadOptions): LedgerThread => new SupervisedThread(options);

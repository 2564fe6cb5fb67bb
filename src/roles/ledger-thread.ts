import { GatewayError } from "../core/errors.ts";
import { startWorker } from "../runtime/background-worker.ts";
import type { LedgerAnswer, LedgerRequest } from "./ledger-messages.ts";

export interface LedgerThreadOptions extends Omit<LedgerRequest & { type: "start" }, "type"> {
  readonly onProblem: (message: string) => void;
}

/** The journal's way into the database, in a thread of its own. */
export interface LedgerThread {
  /** Resolves when all that was appended before is in the database. Throws `storage_unavailable`. */
  fold(): Promise<void>;
  /** Folds once more and ends the thread. */
  stop(): Promise<void>;
}

/** Starts the thread. It tries again what fails: until then its records stay in the journal. */
export const startLedgerThread = ({ onProblem, ...settings }: LedgerThreadOptions): LedgerThread => {
  const worker = startWorker<LedgerAnswer, LedgerRequest>(new URL("./ledger-worker.ts", import.meta.url));
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let last = 0;
  worker.onMessage((message) => {
    if (message.type !== "done") return onProblem(message.message);
    const waiter = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) waiter?.resolve();
    else waiter?.reject(new GatewayError("storage_unavailable", message.error));
  });
  worker.onError((error) => {
    onProblem(`The ledger's thread failed: ${String(error)}`);
    for (const { reject } of waiting.values())
      reject(new GatewayError("storage_unavailable", "The ledger's thread has ended."));
    waiting.clear();
  });
  worker.post({ type: "start", ...settings });
  const ask = (type: "fold" | "stop"): Promise<void> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      worker.post({ type, id });
    });
  return {
    fold: () => ask("fold"),
    async stop() {
      await ask("stop");
      worker.terminate();
    },
  };
};

import type { SqlDatabase } from "../core/ports/sql.ts";
import type { JournalProblem } from "../ledger/fold.ts";
import { type Folder, startFolder } from "../ledger/folder.ts";
import { workerPort } from "../runtime/background-worker.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteFoldStore } from "../stores/sqlite/fold-store.ts";
import { readSpending } from "../stores/sqlite/spending.ts";
import type { LedgerAnswer, LedgerRequest, SpendingQuery } from "./ledger-messages.ts";

// The thread that takes the journal into the database, so that no call ever waits for a disk.
const port = workerPort<LedgerRequest, LedgerAnswer>();
const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the database itself said. */
const codeOf = (error: unknown): string | undefined => {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : undefined;
};

let folder: Folder | undefined;
let database: SqlDatabase | undefined;

const describeProblem = ({ segment, kind, offset, bytes, refused }: JournalProblem): string => {
  if (kind === "newer")
    return `The journal segment ${segment} was written by a newer version; it is kept and not read.`;
  if (kind !== "refused")
    return `The journal segment ${segment} is damaged at ${offset}: ${bytes} bytes passed over, the file is kept.`;
  return (
    `A record of ${refused?.call ?? "an unknown call"} in the journal segment ${segment} does not fit the ledger ` +
    `(${refused?.reason}). It is kept in the table quarantine and missing from all sums: see \`intellirouter ledger verify\`.`
  );
};

const start = (request: LedgerRequest & { type: "start" }): Folder => {
  // The start has checked the file already.
  database = openSqlite({ path: request.database, durability: request.durability, checkUpToBytes: 0 });
  return startFolder({
    store: createSqliteFoldStore(database),
    directory: request.directory,
    intervalMilliseconds: request.intervalMilliseconds,
    now: () => Date.now(),
    onProblem: (problem) => port.post({ type: "problem", message: describeProblem(problem) }),
    onError: (error) => port.post({ type: "failed", message: describe(error), code: codeOf(error) }),
    onRecovered: () => port.post({ type: "recovered" }),
  });
};

const answer = async (id: number, work: Promise<unknown> | undefined): Promise<void> => {
  try {
    await work;
    port.post({ type: "done", id });
  } catch (error) {
    port.post({ type: "done", id, error: describe(error) });
  }
};

const answerSpending = async (id: number, query: SpendingQuery): Promise<void> => {
  try {
    await folder?.foldOnce();
    if (database !== undefined) port.post({ type: "done", id, spending: readSpending(database, query) });
  } catch (error) {
    port.post({ type: "done", id, error: describe(error) });
  }
};

port.onMessage((request) => {
  if (request.type === "start") folder = start(request);
  else if (request.type === "spending") void answerSpending(request.id, request.query);
  else void answer(request.id, request.type === "fold" ? folder?.foldOnce() : folder?.stop());
});

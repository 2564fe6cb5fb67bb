import type { Caller } from "../core/caller.ts";
import type { HeldKey, IdempotencyStore, KeyClaim, KeyedRequest, SavedAnswer } from "../core/ports/idempotency.ts";
import { encryption } from "../runtime/encryption.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteIdempotencyStore } from "../stores/sqlite/idempotency-store.ts";
import { migrate } from "../stores/sqlite/migrations.ts";
import { createIdempotency, type IdempotencyParts, type OpenIdempotency } from "./create-idempotency.ts";
import { idempotencySchema } from "./settings.ts";

const caller: Caller = {
  ...{ tenant: "default", team: null, keyId: "key-1", role: "developer", routes: null, models: null },
  ...{ permissions: new Set(), everywhere: false, userId: null },
};

let calls = 0;
export const keyed = (
  changes: Partial<Omit<KeyedRequest, "caller">> & { caller?: Partial<Caller> } = {},
): KeyedRequest => ({
  key: "one",
  callId: `call-${++calls}`,
  path: "/v1/chat/completions",
  body: "{}",
  ...changes,
  caller: { ...caller, ...changes.caller },
});

export const answerOf = (text: string): SavedAnswer => ({
  status: 200,
  contentType: "application/json",
  body: Buffer.from(text),
});

/** The claim's key. Throws where the request does not have to be carried out. */
export const heldBy = (claim: KeyClaim | undefined): HeldKey => {
  if (claim?.kind !== "held") throw new Error(`expected a held key, not ${claim?.kind}`);
  return claim.held;
};

/** The text of a saved answer; undefined where there is none. */
export const textOf = (claim: KeyClaim | undefined): string | undefined =>
  claim?.kind === "saved" ? Buffer.from(claim.answer.body).toString() : undefined;

export interface Opened {
  /** A process with this name on the same database. */
  process(owner: string, parts?: Partial<IdempotencyParts>): OpenIdempotency;
  readonly store: IdempotencyStore;
  readonly problems: unknown[];
  /** Moves the clock on. */
  pass(milliseconds: number): void;
  /** What can be seen of a process; `alive` where nothing is set. */
  readonly seen: Map<string, "alive" | "dead" | "elsewhere">;
  close(): void;
}

/** Processes that share a database in memory and a clock that stands still. */
export const openProcesses = (): Opened => {
  const database = openSqlite({ path: ":memory:" });
  migrate(database);
  const store = createSqliteIdempotencyStore(database);
  const seen: Opened["seen"] = new Map();
  const problems: unknown[] = [];
  let now = 1_700_000_000_000;
  return {
    process: (owner, parts = {}) =>
      createIdempotency({
        store,
        secret: Buffer.from("a pepper of at least thirty-two characters"),
        encryption,
        owner,
        livenessOf: (other) => seen.get(other) ?? "alive",
        clock: { monotonic: () => now, wall: () => now },
        expiryClock: { wall: () => now },
        settings: () => idempotencySchema.parse({ ttlMilliseconds: 60_000, maxStoredBytes: 100 }),
        onReplayed: () => undefined,
        onProblem: (error) => problems.push(error),
        ...parts,
      }),
    store,
    problems,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    seen,
    close: () => database.close(),
  };
};

import type { CallRecord, DispatchedRecord } from "../core/ledger.ts";
import type { LedgerAudit, LedgerSnapshot, UnequalDay } from "../core/ports/ledger-audit.ts";
import { checkCall, type Difference } from "./check-call.ts";
import { type Liveness, livenessOf } from "./owner.ts";
import { type PendingJournal, readPending } from "./read-pending.ts";
import { type LedgerSums, LedgerTally } from "./tally.ts";

export type { Difference } from "./check-call.ts";

/** What a ledger adds up to, with the calls that the journal holds beyond the database. */
export interface LedgerFigures extends LedgerSums {
  readonly quarantined: number;
  readonly segments: number;
  /** Of the journal, not yet in the database. */
  readonly pendingBytes: number;
  readonly pendingCalls: number;
  /** Dispatches of calls under way, and of processes that died: these are entered at the next start. */
  readonly openDispatches: number;
  readonly abandonedDispatches: number;
}

export interface LedgerReport {
  readonly figures: LedgerFigures;
  /** How many there are; `differences` shows the first of them. */
  readonly differenceCount: number;
  readonly differences: readonly Difference[];
}

export interface VerifyOptions {
  readonly audit: LedgerAudit;
  /** Where the journals are. */
  readonly directory: string;
  readonly liveness?: (owner: string) => Liveness;
}

const shown = 1_000;
type Counted = Omit<CallRecord, "decision">;

/**
 * Reconciles calls, attempts, dispatches and journals, changing nothing; it may run beside a gateway. The database is
 * read as of one moment, and of the journals what followed on it.
 */
export const verifyLedger = ({ audit, directory, liveness = livenessOf }: VerifyOptions): LedgerReport =>
  audit.inspect((snapshot) => {
    const positions = new Map(snapshot.positions().map(({ segment, ...position }) => [segment, position]));
    const pending = readPending({ directory, positions, liveness });
    return new Reconciliation(snapshot, pending).report(liveness);
  });

const describeDay = ({ day, tenant, team, keyId, route, target, spent, due }: UnequalDay): Difference => {
  const of = [`tenant ${tenant}`, team && `team ${team}`, keyId && `key ${keyId}`, `route ${route}`].filter(Boolean);
  return {
    kind: "spent day",
    day,
    text: `budgets take ${spent} as spent on ${target} (${of.join(", ")}), the calls cost ${due}`,
  };
};

class Reconciliation {
  readonly #snapshot: LedgerSnapshot;
  readonly #pending: PendingJournal;
  readonly #differences: Difference[] = [];
  #differenceCount = 0;
  readonly #tally = new LedgerTally();

  constructor(snapshot: LedgerSnapshot, pending: PendingJournal) {
    this.#snapshot = snapshot;
    this.#pending = pending;
  }

  report(liveness: (owner: string) => Liveness): LedgerReport {
    for (const audited of this.#snapshot.calls()) {
      if (audited.kind === "call") this.#take(audited.call);
      else this.#differ({ kind: "unreadable", call: audited.id, text: audited.reason });
    }
    for (const { call, number } of this.#snapshot.attemptsWithoutCall())
      this.#differ({ kind: "no call", call, attempt: number, text: "there is an attempt, and no call" });
    const quarantined = this.#snapshot.quarantined();
    for (const { call, segment, reason } of quarantined)
      this.#differ({ kind: "quarantine", segment, ...(call === null ? {} : { call }), text: `was refused: ${reason}` });
    for (const unequal of this.#snapshot.unequalDays()) this.#differ(describeDay(unequal));
    for (const difference of this.#pending.differences) this.#differ(difference);
    const open = this.#checkPending();
    const abandoned = open.filter(({ owner }) => liveness(owner) === "dead").length;
    return {
      figures: {
        ...this.#tally.sums(),
        quarantined: quarantined.length,
        ...this.#pendingFigures(open.length, abandoned),
      },
      differenceCount: this.#differenceCount,
      differences: this.#differences,
    };
  }

  #differ(difference: Difference): void {
    this.#differenceCount += 1;
    if (this.#differences.length < shown) this.#differences.push(difference);
  }

  #take(call: Counted): void {
    this.#tally.add(call);
    this.#check(call);
  }

  #check(call: Counted): void {
    for (const difference of checkCall(call)) this.#differ(difference);
  }

  /** Checks what the journal holds beyond the database. Gives the dispatches that nothing has settled. */
  #checkPending(): readonly { readonly owner: string; readonly record: DispatchedRecord }[] {
    const settled = new Map<string, Counted>();
    for (const call of this.#pending.settled) {
      const known = this.#snapshot.outcomeOf(call.id);
      if (settled.has(call.id) || (known !== undefined && known !== "interrupted"))
        this.#differ({ kind: "twice", call: call.id, text: "is settled a second time in the journal" });
      else {
        settled.set(call.id, call);
        // It will replace the interrupted call, which is in the sums already.
        if (known === undefined) this.#take(call);
        else this.#check(call);
      }
    }
    const stored = this.#snapshot.openDispatches();
    for (const { record } of stored) this.#checkStored(record);
    const all = [...stored, ...this.#pending.dispatched];
    for (const { record } of all) this.#checkDispatch(record, settled.get(record.call.id));
    return all.filter(({ record }) => !settled.has(record.call.id));
  }

  #checkStored({ call, attempt }: DispatchedRecord): void {
    const outcome = this.#snapshot.outcomeOf(call.id);
    if (outcome !== undefined && outcome !== "interrupted")
      this.#differ({ kind: "dispatch", call: call.id, attempt, text: "is open, and its call is settled" });
  }

  #checkDispatch({ call, attempt, target }: DispatchedRecord, settled: Counted | undefined): void {
    if (settled === undefined || settled.attempts.some((one) => one.number === attempt && one.target === target))
      return;
    this.#differ({
      kind: "dispatch",
      call: call.id,
      attempt,
      text: `went to ${target}, and its call does not know it`,
    });
  }

  #pendingFigures(open: number, abandoned: number) {
    const { segments, bytes, settled } = this.#pending;
    return {
      segments,
      pendingBytes: bytes,
      pendingCalls: settled.length,
      openDispatches: open - abandoned,
      abandonedDispatches: abandoned,
    };
  }
}

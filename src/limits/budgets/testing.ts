import type {
  OpenSpending,
  Spender,
  SpendingAnswer,
  SpendingLedger,
  SpendingQuestion,
  SpentAttempt,
  SpentSum,
} from "../../core/ports/budgets.ts";
import { type BudgetRule, budgetsSchema } from "./settings.ts";

export const spenderOf = (fields: Partial<Spender> = {}): Spender => ({
  tenant: "default",
  team: null,
  keyId: "k",
  route: "r",
  ...fields,
});

export const rulesOf = (...rules: readonly object[]): readonly BudgetRule[] => budgetsSchema.parse(rules);

interface Entry {
  readonly call: string;
  readonly startedAt: number;
  readonly spender: Spender;
  /** In the order of their dispatch; the cost is the worst case until the call is settled. */
  attempts: readonly SpentAttempt[];
  state: "open" | "settled";
}

const perUsd = 1_000_000_000_000;

/** A ledger in memory, with the journal before it: what was appended is in every answer that begins after it. */
export class FakeLedger implements SpendingLedger {
  readonly entries = new Map<string, Entry>();
  /** How long reading takes, and at which moment of it the tables are looked at. */
  wait: () => Promise<void> = async () => undefined;
  isBroken = false;
  reads = 0;

  dispatch({ call, startedAt, spender }: Pick<OpenSpending, "call" | "startedAt" | "spender">, attempt: SpentAttempt) {
    const entry = this.entries.get(call) ?? { call, startedAt, spender, attempts: [], state: "open" as const };
    entry.attempts = [...entry.attempts, attempt];
    this.entries.set(call, entry);
  }

  settle(call: string, costs: readonly number[]): readonly SpentAttempt[] {
    const entry = this.entries.get(call);
    if (entry === undefined) return [];
    entry.attempts = entry.attempts.map(({ target }, place) => ({ target, cost: costs[place] ?? 0 }));
    entry.state = "settled";
    return entry.attempts;
  }

  /** The fold of a dead process' journal: what it left is settled at its worst case. */
  interrupt(call: string): void {
    const entry = this.entries.get(call);
    if (entry !== undefined) entry.state = "settled";
  }

  spent(matches: (entry: Entry, target: string) => boolean): number {
    let sum = 0;
    for (const entry of this.entries.values())
      for (const { target, cost } of entry.attempts) if (matches(entry, target)) sum += cost;
    return sum;
  }

  async spending(query: {
    readonly questions: readonly SpendingQuestion[];
    readonly calls: readonly string[];
  }): Promise<SpendingAnswer> {
    this.reads += 1;
    await this.wait();
    if (this.isBroken) throw new Error("the ledger is broken");
    const all = [...this.entries.values()];
    const settled = all.filter(({ state }) => state === "settled");
    const answer: SpendingAnswer = {
      sums: query.questions.map((question) => settled.flatMap((entry) => sumsOf(entry, question))),
      open: all
        .filter(({ state }) => state === "open")
        .map(({ call, startedAt, spender, attempts }) => ({ call, startedAt, spender, attempts })),
      settled: settled
        .filter(({ call }) => query.calls.includes(call))
        .map(({ call, attempts }) => ({ call, attempts })),
      latest: all.length === 0 ? null : Math.max(...all.map(({ startedAt }) => startedAt)),
    };
    await this.wait();
    return answer;
  }
}

const sumsOf = ({ startedAt, spender, attempts }: Entry, { period, by }: SpendingQuestion): readonly SpentSum[] =>
  startedAt < period.start || (period.end !== null && startedAt >= period.end)
    ? []
    : attempts.map(({ target, cost }) => ({
        spender: {
          tenant: by.includes("tenant") ? spender.tenant : null,
          team: by.includes("team") ? spender.team : null,
          keyId: by.includes("keyId") ? spender.keyId : null,
          route: by.includes("route") ? spender.route : null,
        },
        target: by.includes("target") ? target : null,
        usd: Math.floor(cost / perUsd),
        pico: cost % perUsd,
      }));

/** A clock that goes when it is told to. */
export const handClock = (wall = Date.UTC(2026, 10, 25, 12)) => {
  const time = { monotonic: 0, wall };
  return {
    monotonic: () => time.monotonic,
    wall: () => time.wall,
    pass(milliseconds: number) {
      time.monotonic += milliseconds;
      time.wall += milliseconds;
    },
    set(milliseconds: number) {
      time.wall += milliseconds;
    },
  };
};

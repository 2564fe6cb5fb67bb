import type {
  BudgetPage,
  BudgetPeriod,
  BudgetQuery,
  Budgets,
  Degradation,
  DegradationQuery,
  HoldAnswer,
  HoldDemand,
  OpenSpending,
  Spender,
  SpendingAnswer,
  SpendingLedger,
  Spent,
} from "../../core/ports/budgets.ts";
import { Book, type Sum } from "./book.ts";
import type { CompiledBudget } from "./compile-budgets.ts";
import { type Claim, giveBack, type Held, type OpenCall, overruns } from "./open-calls.ts";
import { periodAt } from "./periods.ts";
import { listStandings, type Summary, summarize } from "./standings.ts";
import type { SteadyClock } from "./steady-clock.ts";

/** A budget of which a share is spent now that was not before. Amounts in 10⁻¹² USD. */
export interface PassedThreshold {
  readonly call: string;
  readonly budget: CompiledBudget;
  readonly subject: string;
  readonly threshold: number;
  readonly spent: bigint;
}

/** A call that cost more than was held for it. */
export interface Overrun {
  readonly call: string;
  readonly target: string;
  readonly spent: bigint;
  readonly held: bigint;
}

export interface BudgetKeeperParts {
  readonly ledger: SpendingLedger;
  readonly clock: SteadyClock;
  readonly onThreshold: (passed: PassedThreshold) => void;
  readonly onOverrun: (overrun: Overrun) => void;
  /** Told that the ledger could not be read; it is read again when somebody asks, or a moment later. */
  readonly onUnread: (error: unknown) => void;
}

/** Clocks of several processes agree within this: what begins later than that after a look at the ledger is not in it. */
const agreementMilliseconds = 60_000;
/** So long a period's sums are kept after its end for calls that began in it. */
const keptMilliseconds = 3_600_000;
/** Between two looks at the ledger for calls of which nobody will tell. */
const lookMilliseconds = 500;
/** Whoever asks for this process itself. */
const here = {};

/**
 * The sums of all budgets, begun from the ledger. Between the look at a sum and the hold nothing waits, so nobody comes
 * in between. A hold ends by the settlement of its call in the journal, or because it was never dispatched; by no timer.
 */
export class BudgetKeeper implements Budgets {
  readonly #parts: BudgetKeeperParts;
  #budgets: readonly CompiledBudget[] = [];
  /** Rises with each change of the budgets or the books. */
  #generation = 0;
  #books = new Map<string, Book>();
  readonly #latest: Partial<Record<BudgetPeriod, Book>> = {};
  readonly #open = new Map<string, OpenCall>();
  readonly #gone = new WeakSet<object>();
  /** When these budgets came into force, or the ledger's last call: what began clearly later was held from its beginning. */
  #since = 0;
  #reading: Promise<void> | undefined;
  /** Calls that were settled while the ledger is being read: it may have them or not. */
  #settledMeanwhile: Map<string, { readonly open: OpenCall; readonly spent: Spent }> | undefined;
  #refusals = new Map<number, number>();
  #overruns = 0;
  #thresholds = new Map<number, number>();
  #looking: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(parts: BudgetKeeperParts) {
    this.#parts = parts;
  }

  /** Calls that hold money. */
  get open(): number {
    return this.#open.size;
  }

  /** Puts budgets in the place of those before. What they are to be compared with is read from the ledger. */
  configure(budgets: readonly CompiledBudget[]): void {
    const isSame =
      budgets.length === this.#budgets.length &&
      budgets.every((budget, place) => looksAtTheSame(budget, this.#budgets[place] as CompiledBudget));
    this.#budgets = budgets;
    this.#generation += 1;
    if (!isSame) this.readAgain();
  }

  /** Forgets all sums and reads them from the ledger: money may have been spent that was not held. */
  readAgain(): void {
    this.#generation += 1;
    this.#books = new Map();
    for (const per of Object.keys(this.#latest)) delete this.#latest[per as BudgetPeriod];
    this.#since = this.#parts.clock.now();
    if (this.#budgets.length === 0) return;
    for (const { per } of this.#budgets) this.#bookAt(per, this.#since);
    this.#read().catch(this.#parts.onUnread);
  }

  hold(demand: HoldDemand, asker: object = here): HoldAnswer | Promise<HoldAnswer> {
    const { spender, target, startedAt } = demand;
    const claims = this.#claims(spender, target, startedAt);
    for (const { book } of claims) if (!book.ready) return this.#read().then(() => this.hold(demand, asker));
    const { amount } = demand;
    const now = this.#parts.clock.now();
    let scarcest: Claim | undefined;
    for (const claim of claims) {
      if (fits(claim, amount)) continue;
      if (scarcest === undefined || leftOf(claim) < leftOf(scarcest)) scarcest = claim;
    }
    if (scarcest !== undefined) return this.#refuse(scarcest, now);
    const found = { claims, generation: this.#generation };
    const held: Held = { hold: demand.hold, target, amount, of: [], found };
    for (const { sum } of claims) this.#take(held, sum);
    const isGone = this.#gone.has(asker);
    this.#openCall(demand, isGone ? undefined : asker).held.push(held);
    // Its last words may be read after its end was noticed.
    if (isGone) void this.#lookForOrphans();
    return { kind: "held", now };
  }

  release({ call, hold }: Pick<HoldDemand, "call" | "hold">, asker: object = here): void {
    const open = this.#open.get(call);
    if (open === undefined || open.asker !== asker) return;
    const place = open.held.findIndex((held) => held.hold === hold);
    const [held] = place < 0 ? [] : open.held.splice(place, 1);
    if (held !== undefined) giveBack(held);
    if (open.held.length === 0) this.#open.delete(call);
  }

  settle(spent: Spent, asker: object = here): void {
    const open = this.#open.get(spent.call);
    if (open !== undefined && open.asker === asker) this.#settle(open, spent);
  }

  degradation(query: DegradationQuery): Degradation | null | Promise<Degradation | null> {
    for (const budget of this.#budgets) {
      const { degrade, limit } = budget;
      if (degrade === undefined) continue;
      for (const target of query.targets) {
        const account = budget.accountOf(query.spender, target);
        if (account === undefined) continue;
        const book = this.#bookAt(budget.per, query.startedAt);
        if (!book.ready) return this.#read().then(() => this.degradation(query));
        const sum = book.look(account);
        const used = sum === undefined ? 0 : Number(sum.spent.value + sum.held.value);
        if (used < degrade.at * Number(limit)) continue;
        const whose = account.subject === "" ? "of everyone together" : `of ${budget.scope} '${account.subject}'`;
        return { route: degrade.route, reason: `${degrade.at * 100} % of the budget ${whose} is used` };
      }
    }
    return null;
  }

  async list(query: BudgetQuery): Promise<BudgetPage> {
    const now = this.#parts.clock.now();
    const books = new Map(this.#budgets.map((budget) => [budget, this.#bookAt(budget.per, now)] as const));
    while ([...books.values()].some(({ ready }) => !ready)) await this.#read();
    return listStandings({ budgets: books, now, query });
  }

  /** What the metrics show; of budgets that are not read yet, nothing. */
  summary(): Summary {
    const now = this.#parts.clock.now();
    const books = this.#budgets.map((budget) => [budget, this.#bookAt(budget.per, now)] as const);
    const counts = { refusals: this.#refusals, thresholds: this.#thresholds, overruns: this.#overruns };
    return summarize(books, counts);
  }

  /** An asker is gone. What became of its calls stands in its journal. */
  leave(asker: object): void {
    this.#gone.add(asker);
    for (const open of this.#open.values()) if (open.asker === asker) open.asker = undefined;
    void this.#lookForOrphans();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#looking);
  }

  #refuse({ budget, book, sum }: Claim, now: number): HoldAnswer {
    this.#refusals.set(budget.place, (this.#refusals.get(budget.place) ?? 0) + 1);
    const left = leftOf({ budget, sum });
    return {
      kind: "refused",
      now,
      shortage: {
        scope: budget.scope,
        subject: sum.subject,
        period: book.period,
        limit: Number(budget.limit),
        left: Math.max(0, Number(left)),
        degradeTo: budget.degrade?.route ?? null,
      },
    };
  }

  #claims(spender: Spender, target: string, startedAt: number): readonly Claim[] {
    const claims: Claim[] = [];
    for (const budget of this.#budgets) {
      const account = budget.accountOf(spender, target);
      if (account === undefined) continue;
      const book = this.#bookAt(budget.per, startedAt);
      claims.push({ budget, book, sum: book.sum(account) });
    }
    return claims;
  }

  /** Several budgets may look at one sum. */
  #take(held: Held, sum: Sum): void {
    if (held.of.includes(sum)) return;
    held.of.push(sum);
    sum.held.add(held.amount);
  }

  #openCall(
    { call, startedAt, spender }: Pick<HoldDemand, "call" | "startedAt" | "spender">,
    asker: object | undefined,
  ) {
    const known = this.#open.get(call);
    if (known !== undefined) {
      // It was open before there was a budget for it: from now on somebody will tell of it.
      known.asker ??= asker;
      return known;
    }
    const made: OpenCall = { id: call, startedAt, spender, held: [], asker };
    this.#open.set(call, made);
    return made;
  }

  /** The holds of a call are replaced by what it cost. */
  #settle(open: OpenCall, spent: Spent): void {
    this.#open.delete(open.id);
    this.#settledMeanwhile?.set(open.id, { open, spent });
    for (const held of open.held) giveBack(held);
    for (const overrun of overruns(open, spent.attempts)) {
      this.#overruns += 1;
      this.#parts.onOverrun({ call: open.id, ...overrun });
    }
    this.#spend(open, spent, (book) => book.ready && !book.counted.delete(open.id));
  }

  #spend(open: OpenCall, { call, attempts }: Spent, counts: (book: Book) => boolean) {
    const asked: Book[] = [];
    const counting: Book[] = [];
    let watched: readonly Claim[] = none;
    for (const { target, cost } of attempts) {
      const sums: Sum[] = [];
      for (const claim of this.#claimsOf(open, target)) {
        const { book, sum } = claim;
        if (!asked.includes(book)) {
          asked.push(book);
          if (counts(book)) counting.push(book);
        }
        if (!counting.includes(book)) continue;
        if (claim.budget.alertAt.length > 0) watched = [...watched, claim];
        if (sums.includes(sum)) continue;
        sums.push(sum);
        sum.spent.add(cost);
      }
    }
    for (const claim of watched) this.#tell(claim, call);
  }

  /** What a call's costs at a target concern: mostly what was found when they were held. */
  #claimsOf({ spender, startedAt, held }: OpenCall, target: string): readonly Claim[] {
    for (const own of held)
      if (own.target === target && own.found?.generation === this.#generation) return own.found.claims;
    return this.#claims(spender, target, startedAt);
  }

  #tell({ budget, sum }: Claim, call: string): void {
    for (const threshold of budget.alertAt) {
      const name = `${budget.place} ${threshold}`;
      if (Number(sum.spent.value) < threshold * Number(budget.limit) || sum.told.has(name)) continue;
      sum.told = new Set([...sum.told, name]);
      this.#thresholds.set(budget.place, (this.#thresholds.get(budget.place) ?? 0) + 1);
      this.#parts.onThreshold({ call, budget, subject: sum.subject, threshold, spent: sum.spent.value });
    }
  }

  #bookAt(per: BudgetPeriod, time: number): Book {
    const latest = this.#latest[per];
    if (latest?.holds(time)) return latest;
    const period = periodAt(per, time);
    const name = `${per} ${period.start}`;
    let book = this.#books.get(name);
    if (book === undefined) {
      this.#forgetBooks();
      const isPast = period.end !== null && period.end < this.#parts.clock.now() - keptMilliseconds;
      const isNew = !isPast && period.start > this.#since + agreementMilliseconds;
      book = new Book(period, this.#budgets, isNew ? "ready" : "unread");
      this.#books.set(name, book);
    }
    if (latest === undefined || period.start > latest.period.start) this.#latest[per] = book;
    return book;
  }

  /** Of past periods nothing is asked any more; should it be, the ledger is read again. */
  #forgetBooks(): void {
    const before = this.#parts.clock.now() - keptMilliseconds;
    const begun = [...this.#open.values()].map(({ startedAt }) => startedAt);
    for (const [name, book] of this.#books)
      if (book.period.end !== null && book.period.end < before && !begun.some((time) => book.holds(time))) {
        this.#books.delete(name);
        this.#generation += 1;
      }
  }

  /** Reads from the ledger what is not read yet; one look at a time. */
  #read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
      this.#settledMeanwhile = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    const books = [...this.#books.values()].filter(({ ready }) => !ready);
    const asked = new Set(this.#open.keys());
    const meanwhile = new Map<string, { readonly open: OpenCall; readonly spent: Spent }>();
    this.#settledMeanwhile = meanwhile;
    const answer = await this.#parts.ledger.spending({
      questions: books.map(({ question }) => question),
      calls: [...asked],
    });
    if (answer.latest !== null) {
      this.#parts.clock.atLeast(answer.latest);
      this.#since = Math.max(this.#since, answer.latest);
    }
    for (const [place, book] of books.entries()) book.begin(answer.sums[place] ?? []);
    this.#joinOpenCalls(books, asked, answer);
    const isOpen = new Set(answer.open.map(({ call }) => call));
    const known = new Set(answer.settled.map(({ call }) => call));
    for (const book of books) book.ready = true;
    for (const [id, { open, spent }] of meanwhile)
      if (asked.has(id) ? !known.has(id) : isOpen.has(id)) this.#spend(open, spent, (book) => books.includes(book));
    for (const book of books) this.#noteTold(book);
    void this.#lookForOrphans();
  }

  /** Calls that are open hold what they hold of the new books as well; those that the ledger knows are counted there. */
  #joinOpenCalls(books: readonly Book[], asked: ReadonlySet<string>, { open, settled }: SpendingAnswer): void {
    const known = new Set(settled.map(({ call }) => call));
    for (const call of this.#open.values()) {
      if (!asked.has(call.id)) continue;
      if (known.has(call.id)) for (const book of books) book.counted.add(call.id);
      else for (const held of call.held) this.#join(books, call, held);
    }
    for (const begun of open)
      if (!asked.has(begun.call) && !this.#settledMeanwhile?.has(begun.call)) this.#adopt(books, begun);
  }

  /** A call that was dispatched without a hold, or by a process that is gone. */
  #adopt(books: readonly Book[], { attempts, ...begun }: OpenSpending): void {
    const call = this.#openCall(begun, undefined);
    for (const { target, cost } of attempts) {
      const held: Held = { hold: -1, target, amount: cost, of: [] };
      call.held.push(held);
      this.#join(books, call, held);
    }
  }

  #join(books: readonly Book[], { spender, startedAt }: OpenCall, held: Held): void {
    for (const { book, sum } of this.#claims(spender, held.target, startedAt))
      if (books.includes(book)) this.#take(held, sum);
  }

  /** What was passed before the start was told of before it. */
  #noteTold(book: Book): void {
    for (const budget of this.#budgets)
      if (budget.per === book.period.per)
        for (const sum of book.sumsOf(budget))
          for (const threshold of budget.alertAt)
            if (Number(sum.spent.value) >= threshold * Number(budget.limit))
              sum.told = new Set([...sum.told, `${budget.place} ${threshold}`]);
  }

  /** Asks the ledger what became of calls of which nobody will tell. */
  async #lookForOrphans(): Promise<void> {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    const orphans = [...this.#open.values()].filter(({ asker }) => asker === undefined);
    if (orphans.length === 0 || this.#isClosed) return;
    try {
      const answer = await this.#parts.ledger.spending({ questions: [], calls: orphans.map(({ id }) => id) });
      const settled = new Map(answer.settled.map((spent) => [spent.call, spent]));
      const stillOpen = new Set(answer.open.map(({ call }) => call));
      for (const orphan of orphans) {
        if (orphan.asker !== undefined || this.#open.get(orphan.id) !== orphan) continue;
        const spent = settled.get(orphan.id);
        if (spent !== undefined) this.#settle(orphan, spent);
        // Its process was gone before it could dispatch.
        else if (!stillOpen.has(orphan.id)) this.#settle(orphan, { call: orphan.id, attempts: [] });
      }
    } catch (error) {
      this.#parts.onUnread(error);
    }
    if (this.#isClosed || this.#looking !== undefined) return;
    if ([...this.#open.values()].every(({ asker }) => asker !== undefined)) return;
    this.#looking = setTimeout(() => void this.#lookForOrphans(), lookMilliseconds);
    this.#looking.unref();
  }
}

const none: readonly Claim[] = [];

/** Whether a sum keeps to its budget with so much more. */
const fits = ({ budget, sum }: Claim, amount: number): boolean => {
  const total = sum.spent.exact + sum.held.exact + amount;
  // None of the three is below 0, so where the whole is exact each step was.
  if (Number.isSafeInteger(total)) return total <= budget.numericLimit;
  return sum.spent.value + sum.held.value + BigInt(amount) <= budget.limit;
};

const leftOf = ({ budget, sum }: Pick<Claim, "budget" | "sum">): bigint =>
  budget.limit - sum.spent.value - sum.held.value;

const sameNames = (left: ReadonlySet<string> | undefined, right: ReadonlySet<string> | undefined): boolean =>
  left === right || (left !== undefined && right !== undefined && left.symmetricDifference(right).size === 0);

/** Sums are kept only for what budgets look at. */
const looksAtTheSame = (left: CompiledBudget, right: CompiledBudget): boolean =>
  left.scope === right.scope && left.per === right.per && sameNames(left.match, right.match);

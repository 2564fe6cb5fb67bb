import { defaultTenant } from "../../core/default-tenant.ts";
import type { Period, SpendingQuestion, SpentSum } from "../../core/ports/budgets.ts";
import { withoutKey } from "../compile-rules.ts";
import { namesTeam, teamSubject } from "../team-subject.ts";
import { type Account, type CompiledBudget, type Dimension, modelOf } from "./compile-budgets.ts";
import { ExactSum } from "./exact-sum.ts";

/** One sum of one period, in 10⁻¹² USD. */
export interface Sum extends Account {
  readonly spent: ExactSum;
  readonly held: ExactSum;
  /** Budgets, by their place, and shares of theirs whose passing was told of. */
  told: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();
const perUsd = 1_000_000_000_000n;

const columns: Readonly<Record<Dimension, SpendingQuestion["by"]>> = {
  key: ["keyId"],
  team: ["tenant", "team"],
  tenant: ["tenant"],
  route: ["route"],
  model: ["target"],
  target: ["target"],
  everyone: [],
};

const subjectIn = (dimension: Dimension, { spender, target }: SpentSum): string | null => {
  switch (dimension) {
    case "key":
      return spender.keyId ?? withoutKey;
    case "team":
      return spender.team === null
        ? null
        : teamSubject({ tenant: spender.tenant ?? defaultTenant, team: spender.team });
    case "tenant":
    case "route":
      return spender[dimension];
    case "model":
      return target === null ? null : modelOf(target);
    case "target":
      return target;
    case "everyone":
      return "";
  }
};

const addTo = ({ spent }: Sum, { usd, pico }: SpentSum): void => {
  const amount = BigInt(usd) * perUsd + BigInt(pico);
  if (amount <= BigInt(Number.MAX_SAFE_INTEGER)) spent.add(Number(amount));
  else spent.addLarge(amount);
};

const dimensionsOf = ({ scope, match }: CompiledBudget): readonly Dimension[] =>
  scope === "model" && match !== undefined ? ["model", "target"] : [scope];

/** The sums of one period. Nothing may be decided by them before they are `ready`. */
export class Book {
  readonly period: Period;
  ready: boolean;
  /** Calls whose settlement the ledger had when it was read, though nobody has told of it yet. */
  readonly counted = new Set<string>();
  /** By dimension and subject: names put together for each look would cost more than the sum. */
  readonly #sums = new Map<Dimension, Map<string, Sum>>();
  readonly #dimensions: ReadonlySet<Dimension>;

  constructor(period: Period, budgets: readonly CompiledBudget[], state: "ready" | "unread") {
    this.period = period;
    this.ready = state === "ready";
    this.#dimensions = new Set(budgets.filter(({ per }) => per === period.per).flatMap(dimensionsOf));
  }

  /** What the ledger is asked for to begin with. */
  get question(): SpendingQuestion {
    const { start, end } = this.period;
    const by = new Set([...this.#dimensions].flatMap((dimension) => columns[dimension]));
    return { period: { start, end }, by: [...by] };
  }

  holds(time: number): boolean {
    return time >= this.period.start && (this.period.end === null || time < this.period.end);
  }

  /** Takes in what the ledger had. */
  begin(sums: readonly SpentSum[]): void {
    for (const row of sums)
      for (const dimension of this.#dimensions) {
        const subject = subjectIn(dimension, row);
        if (subject !== null) addTo(this.sum({ dimension, subject }), row);
      }
  }

  /** The sum of an account; made where there is none. */
  sum({ dimension, subject }: Account): Sum {
    const sums = this.#sums.get(dimension) ?? new Map<string, Sum>();
    const known = sums.get(subject);
    if (known !== undefined) return known;
    const made: Sum = { dimension, subject, spent: new ExactSum(), held: new ExactSum(), told: nothing };
    this.#sums.set(dimension, sums.set(subject, made));
    return made;
  }

  look({ dimension, subject }: Account): Sum | undefined {
    return this.#sums.get(dimension)?.get(subject);
  }

  /** Those that a budget may have. */
  sumsOf(budget: CompiledBudget): readonly Sum[] {
    const sums = dimensionsOf(budget).flatMap((dimension) => [...(this.#sums.get(dimension)?.values() ?? [])]);
    const { match, scope } = budget;
    if (match === undefined) return sums;
    return sums.filter(({ subject }) => (scope === "team" ? namesTeam(match, subject) : match.has(subject)));
  }
}

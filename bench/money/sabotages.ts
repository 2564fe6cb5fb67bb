import type { Sabotage } from "../../test/support/sabotage.ts";

const keeper = "limits/budgets/keeper.ts";
const act = `    const found = { claims, generation: this.#generation };
    const held: Held = { hold: demand.hold, target, amount, of: [], found };
    for (const { sum } of claims) this.#take(held, sum);
    const isGone = this.#gone.has(asker);
    this.#openCall(demand, isGone ? undefined : asker).held.push(held);
    // Its last words may be read after its end was noticed.
    if (isGone) void this.#lookForOrphans();
    return { kind: "held", now };`;

export const sabotages: readonly Sabotage[] = [
  {
    name: "holds-off",
    takesOut: "only what was spent counts, not what is held",
    file: keeper,
    find: "if (fits(claim, amount)) continue;",
    replace: "if (claim.sum.spent.value <= claim.budget.limit) continue;",
  },
  {
    name: "settle-twice",
    takesOut: "a call's cost is counted twice",
    file: keeper,
    find: "this.#spend(open, spent, (book) => book.ready && !book.counted.delete(open.id));",
    replace: "for (const _ of [1, 2]) this.#spend(open, spent, ({ ready }) => ready);",
  },
  {
    name: "check-then-act",
    takesOut: "others come between the look at a budget and the hold",
    file: keeper,
    find: act,
    replace: `    return new Promise((resolve) => setTimeout(resolve, 2)).then(() => {\n${act}\n    }) as Promise<HoldAnswer>;`,
  },
  {
    name: "orphans-freed",
    takesOut: "what a dead process held is given back before the ledger knows what it spent",
    file: keeper,
    find: "if (open.asker === asker) open.asker = undefined;",
    replace: "if (open.asker === asker) this.#settle(open, { call: open.id, attempts: [] });",
  },
  {
    name: "one-too-many",
    takesOut: "a limit lets one more call on than it says",
    file: "limits/counted-limits.ts",
    find: "return counter.used(now) + demand <= limit ? 0",
    replace: "return counter.used(now) + demand <= limit + 1 ? 0",
  },
];

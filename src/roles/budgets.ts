import { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/ledger.ts";
import { toUsd } from "../core/money.ts";
import type { Budgets, SpendingLedger } from "../core/ports/budgets.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type CompiledBudget, compileBudgets } from "../limits/budgets/compile-budgets.ts";
import { BudgetGuard } from "../limits/budgets/guard.ts";
import { BudgetKeeper } from "../limits/budgets/keeper.ts";
import { type BudgetRule, budgetSchema } from "../limits/budgets/settings.ts";
import { SteadyClock } from "../limits/budgets/steady-clock.ts";
import { judgeRoute } from "../routing/judge/settings.ts";
import { shadowRoute } from "../routing/shadow/settings.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Configuration } from "./configuration.ts";

/** A jump of the wall clock is noticed within this, also while no call comes. */
const watchMilliseconds = 10_000;

const capOf = (route: string, usd: number): BudgetRule =>
  budgetSchema.parse({ scope: "route", match: route, usd, per: "day" });

/** What shadows and judges may cost a day: budgets like all others, after those of the configuration. */
const besideCaps = (routes: Configuration["routes"]): readonly BudgetRule[] =>
  Object.entries(routes).flatMap(([name, { shadow, judge }]) => [
    ...(shadow === undefined ? [] : [capOf(shadowRoute(name), shadow.maxUsdPerDay)]),
    ...(judge === undefined ? [] : [capOf(judgeRoute(name), judge.maxUsdPerDay)]),
  ]);

export const compiledBudgets = ({ budgets, routes }: Pick<Configuration, "budgets" | "routes">) =>
  compileBudgets([...budgets, ...besideCaps(routes)], new Set(Object.keys(routes)));

export interface BudgetKeeperOptions {
  readonly ledger: SpendingLedger;
  readonly clock: SteadyClock;
  readonly logger: Logger;
}

const placeOf = ({ scope, place }: CompiledBudget): string => `budgets[${place}] (${scope})`;

/** The sums of all budgets, with a log of what is to be noticed. */
export const openBudgetKeeper = ({ ledger, clock, logger }: BudgetKeeperOptions): BudgetKeeper =>
  new BudgetKeeper({
    ledger,
    clock,
    onThreshold: ({ call, budget, subject, threshold, spent }) =>
      logger.warn("cost.threshold_exceeded", {
        request: call,
        budget: placeOf(budget),
        subject,
        per: budget.per,
        threshold,
        share: Number(spent) / Number(budget.limit),
        spentUsd: toUsd(Number(spent)),
        limitUsd: toUsd(Number(budget.limit)),
      }),
    onOverrun: ({ call, target, spent, held }) =>
      logger.warn("cost.hold_exceeded", {
        request: call,
        target,
        spentUsd: toUsd(Number(spent)),
        heldUsd: toUsd(Number(held)),
      }),
    onUnread: (error) => logger.error("budgets", { reason: error instanceof Error ? error.message : String(error) }),
  });

export interface OpenBudgetsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly configuration: () => Configuration;
  /** Where another process keeps the sums: that, and its time, in milliseconds since 1970. */
  readonly shared: { readonly budgets: Budgets; readonly now: number } | undefined;
  readonly ledger: SpendingLedger | undefined;
}

/** Budgets as one process needs them. */
export interface OpenBudgets {
  readonly guard: BudgetGuard;
  readonly budgets: Budgets;
  /** The sums, where this process keeps them. */
  readonly keeper: BudgetKeeper | undefined;
  compiled(): readonly CompiledBudget[];
  /** Milliseconds since 1970, for the record of a call: while there are budgets, of the clock of their periods. */
  wall(): number;
  /** Another configuration is in force. */
  apply(): void;
  onSettled(record: CallRecord): void;
  close(): void;
}

const noLedger: SpendingLedger = {
  spending: async () => {
    throw new GatewayError("storage_unavailable", "This process has no ledger to read budgets from.");
  },
};

export const openBudgets = (options: OpenBudgetsOptions): OpenBudgets => {
  const { clock, logger, configuration, shared } = options;
  const steady = new SteadyClock(clock, shared?.now);
  const keeper =
    shared === undefined ? openBudgetKeeper({ ledger: options.ledger ?? noLedger, clock: steady, logger }) : undefined;
  const budgets = shared?.budgets ?? (keeper as BudgetKeeper);
  let compiled: readonly CompiledBudget[] = [];
  let watch: ReturnType<typeof setInterval> | undefined;
  const take = (): void => {
    compiled = compiledBudgets(configuration());
    keeper?.configure(compiled);
    clearInterval(watch);
    watch = compiled.length === 0 ? undefined : setInterval(steady.now, watchMilliseconds);
    watch?.unref();
  };
  const guard = new BudgetGuard({
    budgets,
    compiled: () => compiled,
    ...(shared === undefined ? {} : { onTime: (now) => steady.atLeast(now) }),
  });
  take();
  return {
    guard,
    budgets,
    keeper,
    compiled: () => compiled,
    wall: () => (compiled.length === 0 ? clock.wall() : steady.now()),
    apply() {
      // What the wall clock did before nobody followed.
      if (compiled.length === 0) steady.restart();
      take();
    },
    onSettled: (record) => guard.settle(record),
    close() {
      clearInterval(watch);
      keeper?.close();
    },
  };
};

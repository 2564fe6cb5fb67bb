import type { Check } from "../../test/support/checks.ts";
import { promptTokens } from "../../test/upstream/behaviour.ts";
import type { Dispatch } from "../../test/upstream/journal.ts";
import type { Receipt } from "./money-call.ts";
import type { MoneyRows } from "./money-rows.ts";
import type { Race } from "./race.ts";
import { callsPerKey, inputPicoUsd, oneCallPicoUsd, outputPicoUsd, usdPerKey } from "./settings.ts";

const budgetPicoUsd = usdPerKey * 1e12;

/** How a budget stands, as the gateway itself says; 10⁻¹² USD. */
export interface Standing {
  readonly spent: number;
  readonly held: number;
}

export interface Evidence {
  readonly races: readonly Race[];
  readonly dispatches: readonly Dispatch[];
  readonly ledger: MoneyRows;
  /** By key, when all was over, and once more after a restart. */
  readonly standings: ReadonlyMap<string, Standing>;
  readonly standingsAfterRestart: ReadonlyMap<string, Standing>;
}

/** What the upstream would bill: the prompt and every piece that it wrote, unless it refused. */
const billed = ({ ending }: Dispatch): number =>
  ending?.how === "refused" ? 0 : promptTokens * inputPicoUsd + (ending?.chunks ?? 0) * outputPicoUsd;

const keyOf = ({ user = "" }: Dispatch): string => user.slice(0, user.indexOf(":"));

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
const usd = (amount: number): string => `${(amount / 1e12).toFixed(6)} USD`;

const faultsOf = <One>(all: readonly One[], fault: (one: One) => string | undefined): readonly string[] =>
  all.flatMap((one) => fault(one) ?? []);

const overspendChecks = ({ races, dispatches, ledger }: Evidence): readonly Check[] => {
  const arrived = Map.groupBy(dispatches, keyOf);
  const recorded = Map.groupBy(ledger.attempts, ({ keyId }) => keyId ?? "");
  const budgets = races.filter(({ kind }) => kind === "budget");
  const spentUpstream = ({ keyId }: Race): number => sum((arrived.get(keyId) ?? []).map(billed));
  const spentByLedger = ({ keyId }: Race): number => sum((recorded.get(keyId) ?? []).map(({ cost }) => cost));
  const most = (spent: (race: Race) => number): string =>
    `at most ${usd(Math.max(0, ...budgets.map(spent)))} of ${usd(budgetPicoUsd)}`;
  const over = (spent: (race: Race) => number) => (race: Race) =>
    spent(race) > budgetPicoUsd
      ? `race ${race.number}: ${usd(spent(race) - budgetPicoUsd)} too much (${race.kill} killed)`
      : undefined;
  return [
    {
      name: "overspend 0 by the upstream's own journal",
      figure: most(spentUpstream),
      faults: faultsOf(budgets, over(spentUpstream)),
    },
    { name: "overspend 0 by the ledger", figure: most(spentByLedger), faults: faultsOf(budgets, over(spentByLedger)) },
    {
      name: "budgets are used, and refuse only then",
      faults: faultsOf(budgets, (race) => {
        const refused = race.receipts.filter(({ code }) => code === "insufficient_quota").length;
        if (refused === 0) return `race ${race.number}: nobody was refused, so nothing was proved`;
        return spentByLedger(race) < budgetPicoUsd - oneCallPicoUsd
          ? `race ${race.number}: only ${usd(spentByLedger(race))} spent`
          : undefined;
      }),
    },
  ];
};

const recordChecks = ({ races, dispatches, ledger }: Evidence): readonly Check[] => {
  const nameOf = (key: string, model: string): string => `${key} ${model}`;
  const rows = Map.groupBy(ledger.attempts, ({ keyId, model }) => nameOf(keyId ?? "", model));
  const arrived = Map.groupBy(dispatches, (dispatch) => nameOf(keyOf(dispatch), dispatch.model));
  const charges = Map.groupBy(ledger.calls, ({ id }) => id);
  const answered = races.flatMap(({ receipts }) => receipts.filter(({ ending }) => ending === "whole"));
  return [
    {
      name: "no dispatch without its row",
      figure: `${dispatches.length} dispatches`,
      faults: faultsOf([...arrived], ([name, all]) => {
        const recorded = rows.get(name)?.length ?? 0;
        return recorded < all.length ? `${name}: ${all.length} dispatches, ${recorded} rows` : undefined;
      }),
    },
    {
      name: "every answered call has one charge",
      figure: `${answered.length} answered calls`,
      faults: faultsOf(answered, ({ requestId, model }) => {
        const found = charges.get(requestId ?? "")?.length ?? 0;
        return found === 1 ? undefined : `${model}, ${requestId}: ${found} rows`;
      }),
    },
    {
      name: "reported usage is charged to the digit",
      faults: faultsOf(ledger.attempts, ({ callId, usageSource, inputTokens, outputTokens, cost }) => {
        const exact = (inputTokens ?? 0) * inputPicoUsd + (outputTokens ?? 0) * outputPicoUsd;
        return usageSource !== "reported" || cost === exact ? undefined : `${callId}: ${cost} for ${exact}`;
      }),
    },
    {
      name: "a call's cost is the sum of its attempts",
      faults: faultsOf(ledger.differentCalls, (id) => `${id}`),
    },
  ];
};

const standingCheck = (name: string, standings: ReadonlyMap<string, Standing>, { races, ledger }: Evidence): Check => {
  const recorded = Map.groupBy(ledger.attempts, ({ keyId }) => keyId ?? "");
  const budgets = races.filter(({ kind }) => kind === "budget");
  return {
    name,
    faults: faultsOf(budgets, ({ number, keyId }) => {
      const { spent, held } = standings.get(keyId) ?? { spent: Number.NaN, held: Number.NaN };
      const expected = sum((recorded.get(keyId) ?? []).map(({ cost }) => cost));
      return spent === expected && held === 0
        ? undefined
        : `race ${number}: spent ${usd(spent)}, held ${usd(held)}; the ledger says ${usd(expected)}`;
    }),
  };
};

const limitChecks = ({ races, dispatches }: Evidence): readonly Check[] => {
  const arrived = Map.groupBy(dispatches, keyOf);
  const reached = ({ keyId }: Race): number => new Set((arrived.get(keyId) ?? []).map(({ user }) => user)).size;
  const limits = races.filter(({ kind }) => kind === "limit");
  return [
    {
      name: "limits are exact",
      figure: `${limits.map(reached).join(", ")} of ${callsPerKey}`,
      faults: faultsOf(limits, (race) => {
        const count = reached(race);
        if (count > callsPerKey) return `race ${race.number}: ${count} calls reached the upstream`;
        // A client that left, or a process that died, may have used a place up before the upstream was reached.
        const isGone = ({ ending }: Receipt): boolean => ending === "left" || ending === "broken";
        const lost = race.kill === "nothing" ? 0 : race.receipts.filter(isGone).length;
        return count + lost < callsPerKey ? `race ${race.number}: only ${count} calls reached the upstream` : undefined;
      }),
    },
  ];
};

/** What must hold when all races are over. */
export const judge = (evidence: Evidence): readonly Check[] => [
  ...overspendChecks(evidence),
  ...recordChecks(evidence),
  standingCheck("budgets stand as the ledger says, nothing is held", evidence.standings, evidence),
  standingCheck("so they do after a restart", evidence.standingsAfterRestart, evidence),
  ...limitChecks(evidence),
];

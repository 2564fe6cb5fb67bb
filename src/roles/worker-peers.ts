import { GuessCounters } from "../auth/guess-counters.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type BudgetsPeer, budgetsPatienceMilliseconds, RemoteBudgets } from "../remote/budgets.ts";
import type { Channel } from "../remote/channel.ts";
import { type GuessesPeer, guessesPatienceMilliseconds, RemoteGuesses } from "../remote/guesses.ts";
import { type HealthPeer, healthPatienceMilliseconds, RemoteHealth } from "../remote/health.ts";
import { type LimitsPeer, limitsPatienceMilliseconds, RemoteLimits } from "../remote/limits.ts";
import { type Discovery, type DiscoveryParts, declareKnown } from "./discovery.ts";
import type { Change, Peers } from "./peers.ts";
import { fromPlainProvider, type SupervisorService, type WorkerOrder, type WorkerService } from "./worker-messages.ts";

export type SupervisorChannel = Channel<WorkerService, SupervisorService>;

export interface WorkerPeersParts {
  readonly supervisor: SupervisorChannel;
  readonly order: WorkerOrder;
  readonly clock: Clock;
  /** Told of a change that the others may not have heard of. */
  readonly onUntold: (change: Change, error: unknown) => void;
}

/** Longer than the supervisor waits for a worker that is stuck. */
const changeMilliseconds = 10_000;
/** Longer than the supervisor itself waits for each worker. */
const figuresMilliseconds = 5_000;

export interface WorkerPeers extends Peers {
  readonly health: RemoteHealth;
}

const healthOver = (supervisor: SupervisorChannel): HealthPeer => ({
  "health.admit": (question) => supervisor.ask("health.admit", question, healthPatienceMilliseconds),
  "health.look": (question) => supervisor.ask("health.look", question, healthPatienceMilliseconds),
  "health.fail": (question) => supervisor.ask("health.fail", question, healthPatienceMilliseconds),
  "health.cool": (question) => supervisor.ask("health.cool", question, healthPatienceMilliseconds),
  "health.succeed": (question) => supervisor.tell("health.succeed", question),
  "health.release": (question) => supervisor.tell("health.release", question),
});

const limitsOver = (supervisor: SupervisorChannel): LimitsPeer => ({
  "limits.reserve": (demand) => supervisor.ask("limits.reserve", demand, limitsPatienceMilliseconds),
  "limits.settle": (settlement) => supervisor.tell("limits.settle", settlement),
  "limits.release": (question) => supervisor.tell("limits.release", question),
});

const budgetsOver = (supervisor: SupervisorChannel): BudgetsPeer => ({
  "budgets.hold": (demand) => supervisor.ask("budgets.hold", demand, budgetsPatienceMilliseconds),
  "budgets.release": (hold) => supervisor.tell("budgets.release", hold),
  "budgets.settle": (spent) => supervisor.tell("budgets.settle", spent),
  "budgets.degradation": (query) => supervisor.ask("budgets.degradation", query, budgetsPatienceMilliseconds),
  "budgets.list": (query) => supervisor.ask("budgets.list", query),
});

const guessesOver = (supervisor: SupervisorChannel): GuessesPeer => ({
  "guesses.note": (question) => supervisor.ask("guesses.note", question, guessesPatienceMilliseconds),
});

/** A worker asks nobody for models: the supervisor looks, and tells everybody. */
const followDiscovery = (supervisor: SupervisorChannel, order: WorkerOrder, parts: DiscoveryParts): Discovery => {
  const { registry } = parts;
  declareKnown(parts);
  registry.declare("discovery", order.found.map(fromPlainProvider));
  for (const [name, check] of order.checks) registry.noteCheck(name, check);
  return {
    first: Promise.resolve(),
    check: async (name) => (await supervisor.ask("providers.check", { name })) ?? undefined,
    refresh: async () => declareKnown(parts),
    stop: () => undefined,
  };
};

/** The other workers, reached through the supervisor. */
export const openWorkerPeers = ({ supervisor, order, clock, onUntold }: WorkerPeersParts): WorkerPeers => {
  const health = new RemoteHealth(healthOver(supervisor), clock);
  for (const [target, standing] of order.standings) health.note(target, standing);
  return {
    count: order.workers,
    health,
    limits: new RemoteLimits(limitsOver(supervisor)),
    countedLimits: undefined,
    guesses: new RemoteGuesses(guessesOver(supervisor), new GuessCounters(clock)),
    budgets: { budgets: new RemoteBudgets(budgetsOver(supervisor)), now: order.now },
    // What was changed is changed, and must be answered so; whether a key stands others ask the database themselves.
    announce: (change) =>
      supervisor
        .ask("database.changed", { change }, changeMilliseconds)
        .catch((error: unknown) => onUntold(change, error)),
    shareLearning: (notices) => supervisor.tell("learning.notices", { notices }),
    startDiscovery: (parts) => followDiscovery(supervisor, order, parts),
    reload: () => supervisor.ask("configuration.reload", {}),
    collectMetrics: () => supervisor.ask("metrics.collect", {}, figuresMilliseconds),
    callsInFlight: async (ours) => ours + (await supervisor.ask("calls.count", {}, figuresMilliseconds)),
  };
};

import type { JudgedCall, LearningStore } from "../core/ports/learning.ts";
import type { PolicyAct, PolicyStatus } from "../core/ports/policies.ts";
import type { VersionsState } from "../routing/learned/online/policy-versions.ts";
import type { LearnedUntil, LearningEvent, RouteLearning } from "../routing/learned/online/route-learning.ts";
import { emptyState, type RouteLearningState } from "../routing/learned/online/state.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface LearnedRouteParts {
  readonly store: Pick<LearningStore, "judgedCalls" | "readState" | "writeState">;
  readonly logger: Pick<Logger, "info" | "warn">;
}

/** So many calls of the store are looked at after a start, newest first. */
const mostReplayed = 5_000;
const page = 500;
/** Notices that wait until a route's state is there. */
const mostWaiting = 10_000;

const nameOf = (route: string): string => `learned\n${route}`;
const versionsNameOf = (route: string): string => `learned versions\n${route}`;

const messages = {
  drift: "a target's answers have changed",
  gate: "a route's policy",
  policy: "a version of a route's policy",
} as const;

const told = (event: LearningEvent): Record<string, unknown> => {
  const { route } = event;
  if (event.type === "drift") return { route, tenant: event.tenant, target: event.target, direction: event.direction };
  if (event.type === "policy") return { route, change: event.change };
  const { mode, reason, judged } = event.verdict;
  return { route, mode, reason, judged };
};

const statusOf = (learning: RouteLearning): PolicyStatus => {
  const { route } = learning.options;
  const { verdict } = learning.gate;
  const { served, canary, versions } = learning.versions.state;
  return {
    route,
    gate: {
      ...{ mode: verdict.mode, reason: verdict.reason, judged: verdict.judged },
      overConstant: verdict.overConstant ?? null,
      overZeroRouter: verdict.overZeroRouter ?? null,
    },
    ...{ calls: learning.calls, rewards: learning.rewards, served },
    lambda: learning.lambda,
    trialsUsd: learning.exploration.toState().spentUsd,
    canary: canary && {
      ...canary,
      newest: learning.versions.armOf("newest"),
      served: learning.versions.armOf("served"),
    },
    versions: versions.map(({ id, at, rewards, reason }) => ({ id, at, rewards, reason })),
  };
};

/** One route: what it was told waits until its state is there. */
export class LearnedRoute {
  readonly #learning: RouteLearning;
  readonly #parts: LearnedRouteParts;
  #restored: Promise<void> | undefined;
  #isReady = false;
  readonly #waiting: (() => void)[] = [];
  #toldProblem: string | undefined;
  #saved = -1;
  /** As the store has it. */
  #versions = "";

  constructor(learning: RouteLearning, parts: LearnedRouteParts) {
    this.#learning = learning;
    this.#parts = parts;
    learning.onEvent((event) => {
      parts.logger.info(messages[event.type], told(event));
      if (event.type === "policy") void this.#saveVersions().catch((error) => this.#warn(error));
    });
  }

  tell(notice: (learning: RouteLearning) => void): void {
    if (this.#isReady) notice(this.#learning);
    else {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(() => notice(this.#learning));
      void this.restore();
    }
  }

  restore(): Promise<void> {
    const { route, problem } = this.#learning.options;
    if (problem !== undefined && problem !== this.#toldProblem)
      this.#parts.logger.warn("a route learns without its model file", { route, reason: problem });
    this.#toldProblem = problem;
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  async status(): Promise<PolicyStatus> {
    await this.restore();
    await this.lookAtVersions();
    return statusOf(this.#learning);
  }

  async act(act: PolicyAct): Promise<PolicyStatus> {
    await this.restore();
    await this.lookAtVersions();
    this.#learning.versions.act(act, this.#learning.newest);
    await this.#saveVersions();
    return statusOf(this.#learning);
  }

  /** Takes over what another process decided. Throws `storage_unavailable`. */
  async lookAtVersions(): Promise<void> {
    const text = await this.#parts.store.readState(versionsNameOf(this.#learning.options.route));
    if (text === undefined || text === this.#versions) return;
    this.#versions = text;
    const state = JSON.parse(text) as VersionsState;
    if (state.format === 1) this.#learning.versions.adopt(state);
  }

  async #saveVersions(): Promise<void> {
    this.#versions = JSON.stringify(this.#learning.versions.state);
    await this.#parts.store.writeState(versionsNameOf(this.#learning.options.route), this.#versions);
  }

  #warn(error: unknown): void {
    const { route } = this.#learning.options;
    this.#parts.logger.warn("what a route learned could not be kept", { route, reason: String(error) });
  }

  async save(): Promise<void> {
    if (!this.#isReady) return;
    const now = this.#learning.calls + this.#learning.rewards;
    if (now === this.#saved) return;
    const { route } = this.#learning.options;
    try {
      await this.#parts.store.writeState(nameOf(route), JSON.stringify(this.#learning.toState()));
      this.#saved = now;
    } catch (error) {
      this.#warn(error);
    }
  }

  async #restore(): Promise<void> {
    const learning = this.#learning;
    const { route } = learning.options;
    const { store, logger } = this.#parts;
    try {
      const text = await store.readState(nameOf(route));
      const state = text === undefined ? undefined : (JSON.parse(text) as RouteLearningState);
      if (state?.format === 1) learning.restore(state);
      this.#saved = learning.calls + learning.rewards;
      await this.lookAtVersions();
      await this.#replay(learning.learnedUntil);
    } catch (error) {
      learning.restore(emptyState);
      logger.warn("what a route learned cannot be read: it starts anew", { route, reason: String(error) });
    }
    this.#isReady = true;
    for (const notice of this.#waiting.splice(0)) notice();
  }

  async #replay(since: LearnedUntil): Promise<void> {
    const { route } = this.#learning.options;
    const calls: JudgedCall[] = [];
    while (calls.length < mostReplayed) {
      const last = calls.at(-1);
      const before = last === undefined ? {} : { before: { startedAt: last.startedAt, id: last.callId } };
      const found = await this.#parts.store.judgedCalls({ route, limit: page, ...before });
      calls.push(...found);
      if (found.length < page) break;
    }
    for (const call of calls.reverse()) this.#learning.replay(call, since);
  }
}

import { GatewayError } from "../../../core/errors.ts";
import type { Canary, CanaryArm, PolicyAct, PolicyVersion } from "../../../core/ports/policies.ts";
import {
  type ClusteredSample,
  estimateDifference,
  estimateMean,
  mixtureInterval,
} from "../../experiments/statistics/normal-mixture.ts";
import type { BeliefsState } from "./beliefs.ts";

/** Versions that are kept. */
const kept = 8;
/** A version is made by itself after so many rewards, so that there is something to go back to. */
const rewardsPerVersion = 1_000;
/** Chance that a canary is decided wrongly. */
const alpha = 0.05;

export interface StoredVersion extends PolicyVersion {
  readonly beliefs: BeliefsState;
}

export interface VersionsState {
  readonly format: 1;
  /** Counts the changes: of two states the one with more is later. */
  readonly revision: number;
  readonly served: "newest" | number;
  readonly canary: Canary | null;
  readonly versions: readonly StoredVersion[];
}

/** What is newest, as it would become a version. */
export interface Newest {
  readonly rewards: number;
  readonly at: number;
  readonly beliefs: () => BeliefsState;
}

type Arm = "newest" | "served";
const noSample: ClusteredSample = { units: 0, calls: 0, sum: 0, squares: 0, products: 0, callSquares: 0 };
const withOne = (sample: ClusteredSample, utility: number): ClusteredSample => ({
  units: sample.units + 1,
  calls: sample.calls + 1,
  sum: sample.sum + utility,
  squares: sample.squares + utility * utility,
  products: sample.products + utility,
  callSquares: sample.callSquares + 1,
});

const none: VersionsState = { format: 1, revision: 0, served: "newest", canary: null, versions: [] };

/** Which state of what a route has learned serves, and those that could. */
export class PolicyVersions {
  #state: VersionsState;
  #samples: Readonly<Record<Arm, ClusteredSample>> = { newest: noSample, served: noSample };

  constructor(state: VersionsState = none) {
    this.#state = state;
  }

  get state(): VersionsState {
    return this.#state;
  }

  /** Another process has changed it. */
  adopt(state: VersionsState): void {
    if (state.revision <= this.#state.revision) return;
    if (state.canary?.since !== this.#state.canary?.since) this.#forgetSamples();
    this.#state = state;
  }

  /** What decides a call: `uniform` in [0, 1) is the same for all calls of a conversation. */
  servedFor(uniform: number): "newest" | StoredVersion {
    const { served, canary } = this.#state;
    if (served === "newest" || (canary !== null && uniform < canary.share)) return "newest";
    return this.#demand(served);
  }

  /** Carries an act out. Throws `not_found` where there is no such version. */
  act(act: PolicyAct, newest: Newest): void {
    if (act.kind === "freeze") {
      const version = this.#keep(newest, "frozen");
      this.#change({ served: version.id, canary: null });
    } else if (act.kind === "rollback") this.#change({ served: this.#before(act.version, newest).id, canary: null });
    else if (act.kind === "promote" && act.canary !== undefined && this.#state.served !== "newest")
      this.#change({ canary: { ...act.canary, since: newest.at } });
    else this.#change({ served: "newest", canary: null });
  }

  /** Keeps a version from time to time; true where it did. */
  keepSometimes(newest: Newest): boolean {
    const last = this.#state.versions[0]?.rewards ?? 0;
    if (this.#state.served !== "newest" || newest.rewards - last < rewardsPerVersion) return false;
    this.#keep(newest, "kept from time to time");
    return true;
  }

  /** Takes in what a call of a canary came to; says where that decides it. */
  observe(arm: Arm, utility: number, delta: number): "promoted" | "rolled back" | undefined {
    const { canary } = this.#state;
    if (canary === null) return undefined;
    this.#samples = { ...this.#samples, [arm]: withOne(this.#samples[arm], utility) };
    const { newest, served } = this.#samples;
    if (Math.min(newest.calls, served.calls) < canary.minCalls) return undefined;
    const { lower, upper } = mixtureInterval(estimateDifference(estimateMean(newest), estimateMean(served)), alpha);
    if (upper < 0) {
      this.#change({ canary: null });
      return "rolled back";
    }
    if (lower <= -delta) return undefined;
    this.#change({ served: "newest", canary: null });
    return "promoted";
  }

  armOf(arm: Arm): CanaryArm {
    const { calls, sum } = this.#samples[arm];
    return { calls, utility: calls === 0 ? 0 : sum / calls };
  }

  #change(change: Partial<VersionsState>): void {
    this.#forgetSamples();
    this.#state = { ...this.#state, ...change, revision: this.#state.revision + 1 };
  }

  #forgetSamples(): void {
    this.#samples = { newest: noSample, served: noSample };
  }

  #keep({ rewards, at, beliefs }: Newest, reason: string): StoredVersion {
    const { versions, served } = this.#state;
    const version = { id: (versions[0]?.id ?? 0) + 1, at, rewards, reason, beliefs: beliefs() };
    const others = versions.filter(({ id }, place) => place < kept - 1 || id === served);
    this.#state = { ...this.#state, versions: [version, ...others], revision: this.#state.revision + 1 };
    return version;
  }

  /** The version of that number, or the newest that is older than what serves. */
  #before(id: number | undefined, newest: Newest): StoredVersion {
    const { versions, served } = this.#state;
    if (id !== undefined) return this.#demand(id);
    const rewards = served === "newest" ? newest.rewards : this.#demand(served).rewards;
    const found = versions.find((version) => version.id !== served && version.rewards < rewards);
    if (found !== undefined) return found;
    throw new GatewayError("not_found", "There is no earlier version to go back to.");
  }

  #demand(id: number): StoredVersion {
    const found = this.#state.versions.find((version) => version.id === id);
    if (found !== undefined) return found;
    const there = this.#state.versions.map((version) => version.id).join(", ");
    throw new GatewayError("not_found", `There is no version ${id}. There are: ${there === "" ? "none" : there}.`, {
      param: "version",
    });
  }
}

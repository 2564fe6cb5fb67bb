import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Admission, Failure, Health, Standing } from "../core/ports/health.ts";

/**
 * Health as another process serves it to one asker, whose probes end with it. Before an answer it tells the asker the
 * target's standing, and everybody where that has changed.
 */
export interface HealthService {
  "health.admit"(question: { readonly target: string }): Admission;
  "health.look"(question: { readonly target: string }): Admission;
  /** `at`: milliseconds since 1970; a pause begins then, however long the message took. */
  "health.fail"(question: { readonly target: string; readonly failure: Failure; readonly at: number }): void;
  "health.cool"(question: { readonly target: string; readonly milliseconds: number; readonly at: number }): void;
  "health.succeed"(question: { readonly target: string }): void;
  "health.release"(question: { readonly target: string }): void;
}

/** The questions of {@link HealthService}; they reject where nobody answers. */
export type HealthPeer = {
  readonly [Name in keyof HealthService]: (
    question: Parameters<HealthService[Name]>[0],
  ) => Name extends "health.succeed" | "health.release" ? void : Promise<ReturnType<HealthService[Name]>>;
};

/** A call waits no longer than this to hear whether a troubled target may be called. */
export const healthPatienceMilliseconds = 1_000;

/** Whoever waited for a pause to end must not be refused because a message took a moment. */
const momentMilliseconds = 20;
const mostWaits = 3;

type Resting = Admission & { readonly waitMilliseconds: number };

const isNearlyOver = (admission: Admission): admission is Resting =>
  "waitMilliseconds" in admission && admission.waitMilliseconds <= momentMilliseconds;

interface Known {
  standing: Standing;
  /** When a rest ends, on the monotonic clock; there is nothing to ask before. */
  restsUntil: number;
  /** Reports that the other process has not confirmed: until then the copy may be out of date. */
  unconfirmed: number;
  /** Whether a call of this process is the target's probe. */
  isProbing: boolean;
}

const closed: Admission = { kind: "closed" };
const mostTargets = 2_000;

/**
 * Targets' health, kept by another process, with a copy here of those that are not clean: of a clean one nobody is
 * asked, and a rest is known for as long as it lasts. The other process tells of every change.
 */
export class RemoteHealth implements Health {
  readonly #known = new BoundedMap<string, Known>(
    mostTargets,
    ({ unconfirmed, isProbing }) => unconfirmed > 0 || isProbing,
  );
  readonly #peer: HealthPeer;
  readonly #clock: Clock;

  constructor(peer: HealthPeer, clock: Clock) {
    this.#peer = peer;
    this.#clock = clock;
  }

  /** What the other process says of a target; the latest word counts. */
  note(targetId: string, standing: Standing): void {
    const known = this.#known.get(targetId) ?? (standing.kind === "clean" ? undefined : this.#make(targetId));
    if (known === undefined) return;
    known.standing = standing;
    known.restsUntil = standing.kind === "resting" ? this.#clock.monotonic() + standing.admission.waitMilliseconds : 0;
    this.#forgetIfClean(targetId, known);
  }

  /** Targets that are not called at present because they failed, for metrics and people. */
  openTargets(): readonly string[] {
    return [...this.#known.entries()]
      .filter(([, { standing }]) => standing.kind === "resting" && standing.admission.kind === "open")
      .map(([target]) => target);
  }

  admit(targetId: string): Admission | Promise<Admission> {
    const known = this.#known.get(targetId);
    if (known === undefined) return closed;
    const admission = this.#recall(known);
    return admission === undefined || isNearlyOver(admission) ? this.#askPatiently(targetId, admission) : admission;
  }

  look(targetId: string): Admission | Promise<Admission> {
    const known = this.#known.get(targetId);
    if (known === undefined) return closed;
    return this.#recall(known) ?? this.#ask("health.look", targetId);
  }

  succeed(targetId: string): void {
    const known = this.#known.get(targetId);
    if (known === undefined) return;
    known.isProbing = false;
    this.#peer["health.succeed"]({ target: targetId });
    this.#forgetIfClean(targetId, known);
  }

  fail(targetId: string, { code, retryAfterMilliseconds }: Failure): void {
    const pause = retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds };
    this.#report(targetId, () =>
      this.#peer["health.fail"]({ target: targetId, failure: { code, ...pause } as Failure, at: this.#clock.wall() }),
    );
  }

  coolDown(targetId: string, milliseconds: number): void {
    this.#report(targetId, () => this.#peer["health.cool"]({ target: targetId, milliseconds, at: this.#clock.wall() }));
  }

  release(targetId: string): void {
    const known = this.#known.get(targetId);
    if (known === undefined || !known.isProbing) return;
    known.isProbing = false;
    this.#peer["health.release"]({ target: targetId });
    this.#forgetIfClean(targetId, known);
  }

  /** What can be said without asking. */
  #recall({ standing, restsUntil, unconfirmed }: Known): Admission | undefined {
    if (unconfirmed > 0) return undefined;
    if (standing.kind !== "resting") return closed;
    const waitMilliseconds = restsUntil - this.#clock.monotonic();
    return waitMilliseconds > 0 ? { ...standing.admission, waitMilliseconds } : undefined;
  }

  /** Waits for a rest to end that ends in a moment anyway, and asks then. */
  async #askPatiently(targetId: string, recalled: Admission | undefined): Promise<Admission> {
    let admission = recalled ?? (await this.#ask("health.admit", targetId));
    for (let tries = 0; tries < mostWaits && isNearlyOver(admission); tries++) {
      const { waitMilliseconds } = admission;
      await new Promise((resolve) => setTimeout(resolve, waitMilliseconds + 1));
      admission = await this.#ask("health.admit", targetId);
    }
    return admission;
  }

  async #ask(name: "health.admit" | "health.look", targetId: string): Promise<Admission> {
    try {
      const admission = await this.#peer[name]({ target: targetId });
      if (admission.kind === "probe" && name === "health.admit") this.#make(targetId).isProbing = true;
      return admission;
    } catch {
      // Of a target in trouble nobody can say that it is well again.
      return {
        kind: "open",
        waitMilliseconds: healthPatienceMilliseconds,
        reason: "its health could not be asked for",
      };
    }
  }

  /** Until the report is confirmed this process asks: a call that comes right after it must feel it. */
  #report(targetId: string, send: () => Promise<void>): void {
    const known = this.#make(targetId);
    known.isProbing = false;
    known.unconfirmed += 1;
    const confirm = (): void => {
      known.unconfirmed -= 1;
      this.#forgetIfClean(targetId, known);
    };
    send().then(confirm, confirm);
  }

  #forgetIfClean(targetId: string, { standing, unconfirmed, isProbing }: Known): void {
    if (standing.kind === "clean" && unconfirmed === 0 && !isProbing) this.#known.delete(targetId);
  }

  #make(targetId: string): Known {
    return this.#known.getOrMake(targetId, () => ({
      standing: { kind: "clean" },
      restsUntil: 0,
      unconfirmed: 0,
      isProbing: false,
    }));
  }
}

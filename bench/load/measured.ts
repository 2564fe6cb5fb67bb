import type { LoadPlan, LoadResult } from "../plan.ts";
import { nowMicroseconds } from "../system/clock.ts";
import { busyBetween, type CoreReading, readCores } from "../system/core-use.ts";
import { type ProcessorReading, readProcessor, secondsBetween } from "../system/processor-time.ts";
import { Histogram } from "./histogram.ts";

/** Gathers what happens in the measured time of a load. */
export class Measured {
  readonly latency = new Histogram();
  readonly firstText = new Histogram();
  readonly lateness = new Histogram();
  readonly delay = new Histogram();
  calls = 0;
  events = 0;
  mergedEvents = 0;
  unevenStreams = 0;
  private readonly failures: Record<string, number> = {};
  private beganAt = Number.POSITIVE_INFINITY;
  private endedAt = Number.POSITIVE_INFINITY;
  private before: Readonly<Record<string, ProcessorReading>> = {};
  private coresBefore: CoreReading = [];
  private othersShare = 0;
  private processorSeconds: Readonly<Record<string, number>> = {};

  constructor(private readonly plan: LoadPlan) {}

  /** Whether this moment is within the measured time. */
  get isOn(): boolean {
    return this.beganAt < Number.POSITIVE_INFINITY && this.endedAt === Number.POSITIVE_INFINITY;
  }

  /**
   * Whether a call that was due then counts now. Of an open loop all calls that were due in the measured time do, also
   * those that end after it; of a closed loop all that happens within it.
   */
  covers(dueAt: number): boolean {
    return this.plan.pace === "closed" ? this.isOn : dueAt >= this.beganAt && dueAt < this.endedAt;
  }

  begin(): void {
    this.before = this.read();
    this.coresBefore = readCores();
    this.beganAt = nowMicroseconds();
  }

  end(): void {
    this.endedAt = nowMicroseconds();
    const after = this.read();
    const cores = readCores();
    this.processorSeconds = Object.fromEntries(
      Object.entries(this.before).map(([name, before]) => {
        const reading = after[name];
        return [name, reading === undefined ? Number.NaN : secondsBetween(before, reading)];
      }),
    );
    const own = Object.values(this.processorSeconds).reduce((sum, seconds) => sum + seconds, 0);
    const others = Math.max(0, busyBetween(this.coresBefore, cores) - own);
    this.othersShare = others / ((this.endedAt - this.beganAt) / 1e6) / cores.length;
  }

  /** Failures count whenever they happen: a load that failed while it warmed up has measured something else. */
  fail(reason: string): void {
    this.failures[reason] = (this.failures[reason] ?? 0) + 1;
  }

  result(): LoadResult {
    const { calls, failures, events, mergedEvents, unevenStreams, processorSeconds, othersShare } = this;
    return {
      seconds: (this.endedAt - this.beganAt) / 1e6,
      calls,
      failures,
      latency: this.latency.spread(),
      firstText: this.firstText.spread(),
      lateness: this.lateness.spread(),
      events,
      mergedEvents,
      unevenStreams,
      delay: this.delay.spread(),
      processorSeconds,
      othersShare,
    };
  }

  private read(): Readonly<Record<string, ProcessorReading>> {
    const watched = { ...this.plan.watch, load: [process.pid] };
    return Object.fromEntries(Object.entries(watched).map(([name, pids]) => [name, readProcessor(pids)]));
  }
}

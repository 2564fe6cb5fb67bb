import type { LoadPlan } from "../plan.ts";
import { nowMicroseconds } from "../system/clock.ts";
import type { LoadConnection } from "./connection.ts";
import { startTicks } from "./ticks.ts";

/** Decides when each connection asks. */
export interface Pace {
  start(connections: readonly LoadConnection[]): void;
  /** A connection's call has ended. */
  onIdle(connection: LoadConnection): void;
  /** Asks nothing more that is not due already. */
  stop(): void;
  /** Calls that are due and could not even be sent yet. */
  overdue(): number;
}

const rampStepMilliseconds = 10;

/** Calls back with one after the other, so many a second. */
const ramp = (
  connections: readonly LoadConnection[],
  perSecond: number,
  begin: (one: LoadConnection) => void,
): void => {
  const began = performance.now();
  let begun = 0;
  const timer = setInterval(() => {
    const due = Math.min(connections.length, ((performance.now() - began) / 1_000) * perSecond);
    for (const connection of connections.slice(begun, due)) begin(connection);
    begun = Math.floor(due);
    if (begun === connections.length) clearInterval(timer);
  }, rampStepMilliseconds);
};

/** Each connection asks again once it is answered. */
export const closedLoop = (nextRequest: () => Buffer, rampPerSecond: number | undefined): Pace => {
  let isOver = false;
  const ask = (connection: LoadConnection): void => {
    if (!isOver) connection.send(nextRequest(), nowMicroseconds());
  };
  return {
    start(connections) {
      if (rampPerSecond === undefined) connections.forEach(ask);
      else ramp(connections, rampPerSecond, ask);
    },
    onIdle: ask,
    stop() {
      isOver = true;
    },
    overdue: () => 0,
  };
};

/** Time for the connections to come to rest before the first call is due. */
const leadMicroseconds = 20_000;
/** A busy machine ends the measured time late, and calls must be due until then. */
const spareSeconds = 2;

/**
 * Calls that are due at fixed moments. One that finds no free connection waits for one, and its latency counts from
 * the moment it was due: a subject that stalls cannot hide the calls that it kept from being made.
 */
export const openLoop = (
  nextRequest: () => Buffer,
  { perSecond, plan }: { readonly perSecond: number; readonly plan: LoadPlan },
): Pace => {
  const intervalMicroseconds = 1e6 / perSecond;
  const count = Math.ceil((plan.warmUpSeconds + plan.seconds + spareSeconds) * perSecond);
  const idle: LoadConnection[] = [];
  const waiting: number[] = [];
  let stopTicks = (): void => {};
  let endsAt = Number.POSITIVE_INFINITY;
  let hasEnded = false;
  const onDue = (dueAt: number): void => {
    if (dueAt >= endsAt) {
      hasEnded = true;
      stopTicks();
      return;
    }
    const connection = idle.shift();
    if (connection === undefined) waiting.push(dueAt);
    else connection.send(nextRequest(), dueAt);
  };
  return {
    start(connections) {
      idle.push(...connections);
      const beginsAt = nowMicroseconds() + leadMicroseconds;
      stopTicks = startTicks({ beginsAt, intervalMicroseconds, count }, (tick) =>
        onDue(beginsAt + tick * intervalMicroseconds),
      );
    },
    onIdle(connection) {
      const dueAt = waiting.shift();
      if (dueAt === undefined) idle.push(connection);
      else connection.send(nextRequest(), dueAt);
    },
    stop() {
      endsAt = nowMicroseconds();
    },
    // Until the first tick after the end has come, one that was due before it may still be on its way.
    overdue: () => waiting.length + (hasEnded ? 0 : 1),
  };
};

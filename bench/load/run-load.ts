import type { LoadPlan, LoadResult } from "../plan.ts";
import { nowMicroseconds } from "../system/clock.ts";
import { LoadConnection } from "./connection.ts";
import { Measured } from "./measured.ts";
import { prepareRequests } from "./request.ts";
import { startTicks } from "./ticks.ts";

const openingAtOnce = 200;

/** Gives the requests of a plan in turn, for ever. */
const inTurn = (requests: readonly Buffer[]): (() => Buffer) => {
  let next = 0;
  return () => requests[next++ % requests.length] ?? Buffer.alloc(0);
};

const openAll = async (connections: readonly LoadConnection[], { destination }: LoadPlan): Promise<void> => {
  for (let from = 0; from < connections.length; from += openingAtOnce)
    await Promise.all(connections.slice(from, from + openingAtOnce).map((connection) => connection.open(destination)));
};

interface Pace {
  start(connections: readonly LoadConnection[]): void;
  onIdle(connection: LoadConnection): void;
  /** Asks nothing more. */
  stop(): void;
}

const closedLoop = (nextRequest: () => Buffer): Pace => {
  let isOver = false;
  const ask = (connection: LoadConnection): void => {
    if (!isOver) connection.send(nextRequest(), nowMicroseconds());
  };
  return {
    start: (connections) => connections.forEach(ask),
    onIdle: ask,
    stop: () => {
      isOver = true;
    },
  };
};

/**
 * Calls that are due at fixed moments. One that finds no free connection waits for one, and its latency counts from
 * the moment it was due: a subject that stalls cannot hide the calls that it kept from being made.
 */
const openLoop = (
  nextRequest: () => Buffer,
  plan: LoadPlan & { readonly pace: { readonly perSecond: number } },
): Pace => {
  const intervalMicroseconds = 1e6 / plan.pace.perSecond;
  const count = Math.ceil((plan.warmUpSeconds + plan.seconds) * plan.pace.perSecond);
  const idle: LoadConnection[] = [];
  const overdue: number[] = [];
  return {
    start(connections) {
      idle.push(...connections);
      const beginsAt = nowMicroseconds() + 20_000;
      void startTicks({ beginsAt, intervalMicroseconds, count }, (tick) => {
        const dueAt = beginsAt + tick * intervalMicroseconds;
        const connection = idle.shift();
        if (connection === undefined) overdue.push(dueAt);
        else connection.send(nextRequest(), dueAt);
      });
    },
    onIdle(connection) {
      const dueAt = overdue.shift();
      if (dueAt === undefined) idle.push(connection);
      else connection.send(nextRequest(), dueAt);
    },
    stop: () => undefined,
  };
};

const isOpenLoop = (plan: LoadPlan): plan is LoadPlan & { readonly pace: { readonly perSecond: number } } =>
  plan.pace !== "closed";

/** Puts a load on a subject and says what came of it. Throws where no connection can be had. */
export const runLoad = async (plan: LoadPlan): Promise<LoadResult> => {
  const measured = new Measured(plan);
  const nextRequest = inTurn(prepareRequests(plan));
  const pace = isOpenLoop(plan) ? openLoop(nextRequest, plan) : closedLoop(nextRequest);
  const connections = Array.from(
    { length: plan.connections },
    () => new LoadConnection(measured, (connection) => pace.onIdle(connection)),
  );
  await openAll(connections, plan);
  pace.start(connections);
  await Bun.sleep(plan.warmUpSeconds * 1_000);
  measured.begin();
  await Bun.sleep(plan.seconds * 1_000);
  measured.end();
  pace.stop();
  await Bun.sleep(plan.pace === "closed" ? 50 : 300);
  for (const connection of connections) connection.close();
  return measured.result();
};

import type { LoadPlan, LoadResult } from "../plan.ts";
import { LoadConnection } from "./connection.ts";
import { Measured } from "./measured.ts";
import { closedLoop, openLoop, type Pace } from "./pace.ts";
import { prepareRequests } from "./request.ts";

const openingAtOnce = 200;
/** How long calls that were due may still take when the measured time is over. */
const patienceMilliseconds = 3_000;

/** Gives the requests of a plan in turn, for ever. */
const inTurn = (requests: readonly Buffer[]): (() => Buffer) => {
  let next = 0;
  return () => requests[next++ % requests.length] ?? Buffer.alloc(0);
};

const paceOf = (plan: LoadPlan): Pace => {
  const nextRequest = inTurn(prepareRequests(plan));
  return plan.pace === "closed"
    ? closedLoop(nextRequest, plan.rampPerSecond)
    : openLoop(nextRequest, { perSecond: plan.pace.perSecond, plan });
};

const openAll = async (connections: readonly LoadConnection[]): Promise<void> => {
  for (let from = 0; from < connections.length; from += openingAtOnce)
    await Promise.all(connections.slice(from, from + openingAtOnce).map((connection) => connection.open()));
};

/** Waits for the calls of an open loop that are still due; what is not answered in time has failed. */
const awaitRest = async (connections: readonly LoadConnection[], pace: Pace, measured: Measured): Promise<void> => {
  const openCalls = (): number => pace.overdue() + connections.filter(({ isBusy }) => isBusy).length;
  const began = performance.now();
  while (openCalls() > 0 && performance.now() - began < patienceMilliseconds) await Bun.sleep(20);
  for (let left = openCalls(); left > 0; left--) measured.fail(`no answer ${patienceMilliseconds} ms after the end`);
};

/** Puts a load on a subject and says what came of it. Throws where no connection can be had. */
export const runLoad = async (plan: LoadPlan): Promise<LoadResult> => {
  const measured = new Measured(plan);
  const pace = paceOf(plan);
  const connections = Array.from(
    { length: plan.connections },
    () => new LoadConnection(plan, measured, (connection) => pace.onIdle(connection)),
  );
  await openAll(connections);
  pace.start(connections);
  await Bun.sleep(plan.warmUpSeconds * 1_000);
  measured.begin();
  await Bun.sleep(plan.seconds * 1_000);
  measured.end();
  pace.stop();
  // What a closed loop has under way is no part of it any more.
  if (plan.pace !== "closed") await awaitRest(connections, pace, measured);
  for (const connection of connections) connection.close();
  return measured.result();
};

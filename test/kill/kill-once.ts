import { watch } from "node:fs";
import type { SeededRandom } from "../support/seeded-random.ts";
import type { RunningGateway } from "../support/start-gateway.ts";
import { nowMilliseconds } from "../upstream/journal.ts";
import type { Upstream } from "../upstream/start.ts";
import type { Clients } from "./clients.ts";
import { type Kill, leastInFlight } from "./judge.ts";

const patienceMilliseconds = 10_000;

/** Resolves at the next write to the database's write-ahead log: a fold is then under way. */
const nextFold = (dataFolder: string): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(done, 2_000);
    const watcher = watch(dataFolder, (_, name) => {
      if (name === "intellirouter.db-wal") done();
    });
    function done(): void {
      clearTimeout(late);
      watcher.close();
      resolve();
    }
  });

const waitUntilBusy = async (upstream: Upstream): Promise<void> => {
  for (const until = performance.now() + patienceMilliseconds; performance.now() < until; await Bun.sleep(10))
    if ((await upstream.state()).open >= leastInFlight) return;
  throw new Error(
    `fewer than ${leastInFlight} calls were in flight after ${patienceMilliseconds} ms: use more clients`,
  );
};

export interface KillParts {
  readonly gateway: RunningGateway;
  readonly upstream: Upstream;
  readonly clients: Clients;
  readonly random: SeededRandom;
}

/** Waits for a busy moment, and kills the program in it. */
export const killOnce = async ({ gateway, upstream, clients, random }: KillParts): Promise<Kill> => {
  const aim = random.next() < 1 / 3 ? "fold" : "random";
  const pause = random.between(0, 400);
  for (;;) {
    await waitUntilBusy(upstream);
    await Bun.sleep(pause);
    const { open: openUpstream } = await upstream.state();
    if (openUpstream < leastInFlight) continue;
    if (aim === "fold") await nextFold(gateway.dataFolder);
    clients.pause();
    const kill: Kill = { at: nowMilliseconds(), aim, inFlight: clients.inFlight(), openUpstream };
    await gateway.kill("SIGKILL");
    return kill;
  }
};

import type { SeededRandom } from "../../test/support/seeded-random.ts";
import { type RunningGateway, startGateway } from "../../test/support/start-gateway.ts";
import { workersOf } from "../../test/workers/processes.ts";
import { drawCall, lastCall, type Receipt, sendCall } from "./money-call.ts";
import { configurationOf, type RaceKind } from "./settings.ts";

/** What is killed while a race runs: one of the two processes that serve, the whole program, or nothing. */
export type Kill = "worker" | "program" | "nothing";

/** One race that was run. */
export interface Race {
  readonly number: number;
  readonly kind: RaceKind;
  readonly kill: Kill;
  /** The id of the key that all its calls had, and only they. */
  readonly keyId: string;
  readonly receipts: readonly Receipt[];
}

export interface RacesOptions {
  readonly kind: RaceKind;
  readonly baseUrl: string;
  readonly calls: number;
  readonly random: SeededRandom;
  /** Variables for the program. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Races on one data folder, one after the other. */
export interface Races {
  run(number: number, kill: Kill): Promise<Race>;
  /** Asks the gateway's admin API. Throws where it does not answer with success. */
  ask(path: string): Promise<unknown>;
  /** Ends the gateway in order and starts it again on the same folder. */
  restart(): Promise<void>;
  /** Ends it in order; the folder stays. */
  stop(): Promise<void>;
  readonly dataFolder: string;
  dispose(): Promise<void>;
}

/** More calls than a race leaves places for. */
const mostLastCalls = 1_000;

/** One call after the other until the key is refused for its budget or limit. */
const useUp = async (send: (place: number) => Promise<Receipt>): Promise<readonly Receipt[]> => {
  const receipts: Receipt[] = [];
  for (let place = 0; place < mostLastCalls; place++) {
    const receipt = await send(place);
    receipts.push(receipt);
    if (receipt.code === "insufficient_quota" || receipt.code === "rate_limit_exceeded") break;
  }
  return receipts;
};

export const openRaces = async ({ kind, baseUrl, calls, random, environment }: RacesOptions): Promise<Races> => {
  const configuration = configurationOf(kind, baseUrl);
  let gateway: RunningGateway = await startGateway({ configuration, environment });
  const startAgain = async (): Promise<void> => {
    gateway = await startGateway({ configuration, environment, dataFolder: gateway.dataFolder });
  };
  const administer = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${gateway.url}/admin/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer local-${gateway.localToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      keepalive: false,
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const strike = async (kill: Kill): Promise<void> => {
    if (kill === "nothing") return;
    await Bun.sleep(random.between(50, 1_000));
    if (kill === "program") {
      await gateway.kill("SIGKILL");
      await startAgain();
      return;
    }
    const worker = random.pick(workersOf(gateway));
    process.kill(worker, "SIGKILL");
  };
  return {
    get dataFolder() {
      return gateway.dataFolder;
    },
    async run(number, kill) {
      const { id, key } = (await administer("/keys", { name: `race-${number}` })) as { id: string; key: string };
      // Who leaves may have used a place up before the upstream was reached; where all stay, limits are met exactly.
      const client = kind === "limit" && kill === "nothing" ? "patient" : "any";
      const plans = Array.from({ length: calls }, (_, place) => drawCall(random, `${id}:${place}`, client));
      const struck = strike(kill);
      const receipts = await Promise.all(plans.map((plan) => sendCall(() => ({ url: gateway.url, key }), plan)));
      await struck;
      // How many calls were open at once, and so were refused for what those might still use, depends on the machine.
      const rest = await useUp((place) =>
        sendCall(() => ({ url: gateway.url, key }), lastCall(`${id}:${calls + place}`)),
      );
      return { number, kind, kill, keyId: id, receipts: [...receipts, ...rest] };
    },
    ask: (path) => administer(path),
    async restart() {
      await gateway.stop();
      await startAgain();
    },
    stop: () => gateway.stop(),
    dispose: () => gateway.dispose(),
  };
};

import { Database } from "bun:sqlite";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SeededRandom } from "../../support/seeded-random.ts";
import { type RunningGateway, startGateway } from "../../support/start-gateway.ts";
import { type Received, rawCall } from "../client/raw-call.ts";
import { readLedger } from "../lab/ledger.ts";
import type { Bench, Row, SpecialCheck } from "../lab/scenario.ts";

const configuration = { discovery: { mock: true }, logging: { format: "json" } };
const body = JSON.stringify({ model: "mock/mock-echo", messages: [{ role: "user", content: "hello" }] });

const start = ({ environment }: Bench, dataFolder?: string): Promise<RunningGateway> =>
  startGateway({
    configuration,
    ...(dataFolder === undefined ? {} : { dataFolder }),
    ...(environment === undefined ? {} : { environment }),
  });

const ask = (gateway: RunningGateway): Promise<Received> =>
  rawCall({ port: Number(new URL(gateway.url).port), path: "/v1/chat/completions", body });

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Another program holds the database's lock for a while: calls go on or are refused, and none is lost. */
const locked = async (bench: Bench, heldMilliseconds: number): Promise<SpecialCheck> => {
  const gateway = await start(bench);
  try {
    await ask(gateway);
    const other = new Database(join(gateway.dataFolder, "intellirouter.db"));
    // The gateway may be writing just then.
    other.exec("PRAGMA busy_timeout = 5000");
    other.exec("BEGIN IMMEDIATE");
    const received: Received[] = [];
    const until = performance.now() + heldMilliseconds;
    while (performance.now() < until) {
      received.push(await ask(gateway));
      await sleep(20);
    }
    other.exec("ROLLBACK");
    other.close();
    received.push(await ask(gateway));
    await gateway.stop();
    const ledger = readLedger(gateway.dataFolder);
    const answered = received.filter(({ status }) => status === 200);
    const lost = answered.filter(({ headers }) => ledger.attemptsOf(headers["x-request-id"] ?? "").length !== 1);
    const odd = received.filter(({ status }) => status !== 200 && status !== 503);
    return {
      name: `locked for ${heldMilliseconds} ms`,
      outcome: `${answered.length} of ${received.length} answered while the database was locked, all in the ledger`,
      faults: [
        ...(lost.length > 0
          ? [`${lost.length} of ${answered.length} answered calls have no attempt in the ledger`]
          : []),
        ...(odd.length > 0 ? [`${odd.length} calls ended with ${odd[0]?.status}, expected 200 or 503`] : []),
        ...(received.at(-1)?.status === 200 ? [] : ["the call after the lock was not answered"]),
        ...(ledger.openDispatches === 0 ? [] : [`${ledger.openDispatches} dispatches are open`]),
      ],
    };
  } finally {
    await gateway.dispose();
  }
};

/** Bytes of the database's first page are damaged: the start is refused, the file left as it is. */
const damaged = async (bench: Bench): Promise<SpecialCheck> => {
  const first = await start(bench);
  let second: RunningGateway | undefined;
  try {
    await ask(first);
    await first.stop();
    const path = join(first.dataFolder, "intellirouter.db");
    const bytes = readFileSync(path);
    const random = new SeededRandom(bench.seed);
    for (let flips = 0; flips < 8; flips++) bytes[random.between(0, 99)] = random.between(0, 255);
    writeFileSync(path, bytes);
    const faults: string[] = [];
    try {
      second = await start(bench, first.dataFolder);
      faults.push("the program started on a damaged database");
    } catch (error) {
      const words = String(error);
      if (!/damaged|newer/.test(words)) faults.push(`the refusal does not say what is wrong: ${words.slice(0, 300)}`);
      if (!words.includes(".recover")) faults.push(`the refusal does not say how to restore: ${words.slice(0, 300)}`);
    }
    if (!readFileSync(path).equals(bytes)) faults.push("the damaged file was changed");
    return { name: `damaged header, seed ${bench.seed}`, outcome: "refused, the file left as it is", faults };
  } finally {
    await second?.dispose();
    await first.dispose();
  }
};

export const storage: readonly Row[] = [
  {
    number: 37,
    title: "the database is locked",
    bill: "0",
    special: async (bench) => [await locked(bench, 800), ...(bench.isShort ? [] : [await locked(bench, 6_000)])],
  },
  { number: 39, title: "the database is damaged", bill: "–", special: async (bench) => [await damaged(bench)] },
];

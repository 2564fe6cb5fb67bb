import { freePort } from "../../support/free-port.ts";
import { openLedger } from "../../support/ledger-rows.ts";
import { startGateway } from "../../support/start-gateway.ts";
import { bodyOf, edges, pathOf } from "../client/edges.ts";
import { rawCall } from "../client/raw-call.ts";
import { readAnswer } from "../client/read-answer.ts";
import { textOf } from "../upstream/answer-text.ts";
import { startFaultyUpstream } from "../upstream/start.ts";

/** Ways of being dead. A closed port is known to the ledger's attempts alone. */
export const deaths = ["closed port", "reset-before-headers", "status-503"] as const;

/** What one dead target of two costs. */
export interface DeadTarget {
  readonly dies: (typeof deaths)[number];
  readonly strategy: "priority" | "weighted";
  readonly calls: number;
  /** Calls that did not end with the whole right answer. */
  readonly failed: number;
  readonly attempts: number;
  /** Requests that the upstream saw. */
  readonly dispatches: number;
}

const atOnce = 16;
const words = 6;

/** Sends so many calls to a route of two targets, one of which is dead from the start. */
export const measureDeadTarget = async ({
  dies,
  strategy,
  calls,
}: Pick<DeadTarget, "dies" | "strategy" | "calls">): Promise<DeadTarget> => {
  const upstream = await startFaultyUpstream();
  const alive = upstream.baseUrl("openai");
  const dead = dies === "closed port" ? `http://127.0.0.1:${await freePort()}/v1` : alive;
  const deadModel = dies === "closed port" ? "dead" : `${dies}--dead`;
  const provider = (baseUrl: string, model: string): object => ({
    kind: "openai-compatible",
    baseUrl,
    apiKey: "none",
    models: { [model]: {} },
  });
  const gateway = await startGateway({
    configuration: {
      providers: { first: provider(dead, deadModel), second: provider(alive, "alive") },
      routes: { both: { targets: [`first/${deadModel}`, "second/alive"], strategy: { kind: strategy } } },
      logging: { level: "error" },
    },
  });
  try {
    let failed = 0;
    const rest = Array.from({ length: calls }, (_, number) => number).values();
    const send = async (number: number): Promise<void> => {
      const edge = edges[number % edges.length] ?? "openai";
      const directive = { call: `call${number}`, seed: number, words };
      const body = bodyOf(edge, { model: "both", isStreamed: number % 4 < 2, withTools: false, directive });
      const received = await rawCall({ port: Number(new URL(gateway.url).port), path: pathOf[edge], body });
      const { kind, text } = readAnswer(edge, received);
      if (kind !== "answer" || text !== textOf(number, words)) failed += 1;
    };
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const number of rest) await send(number);
      }),
    );
    await gateway.stop();
    const ledger = openLedger(gateway.dataFolder);
    const attempts = ledger.query<{ count: number }, []>("SELECT COUNT(*) AS count FROM attempts").get()?.count ?? 0;
    ledger.close();
    return { dies, strategy, calls, failed, attempts, dispatches: upstream.journal.dispatches.length };
  } finally {
    await gateway.dispose();
    await upstream.stop();
  }
};

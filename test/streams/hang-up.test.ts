import { afterAll, beforeAll, expect, test } from "bun:test";
import { quantile } from "../support/checks.ts";
import { compareBooks } from "../support/compare-ledger.ts";
import { readLedger } from "../support/ledger-rows.ts";
import { readProcess } from "../support/process-figures.ts";
import type { Receipt } from "../support/receipt.ts";
import { providerName } from "../support/send-call.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { nowMilliseconds } from "../upstream/journal.ts";
import { startUpstream, type Upstream } from "../upstream/start.ts";
import { chatRequest, openRawClient, portOf, readEvents } from "./raw-client.ts";
import { waitFor } from "./wait-for.ts";

const chunks = 25;
const rounds = 3;
const atOnce = 40;
const mostAbortMilliseconds = 1_000;

let upstream: Upstream;
let gateway: RunningGateway;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({
    configuration: {
      providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } },
    },
  });
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

const ways = ["chat stream", "messages stream", "chat"] as const;
const pathOf = {
  "chat stream": "/v1/chat/completions",
  "messages stream": "/v1/messages",
  chat: "/v1/chat/completions",
};

interface Cut {
  readonly number: number;
  /** Pieces that came before the client goes; -1: none, and no headers. */
  readonly after: number;
  readonly kind: (typeof ways)[number];
  /** Whether the upstream falls silent at that place, or goes on. */
  readonly upstream: "silent" | "going on";
}

const isBeforeContent = ({ after, kind, upstream }: Cut): boolean =>
  kind === "chat" || after < 0 || (after === 0 && upstream === "silent");

const behaviourOf = (cut: Cut): string => {
  if (isBeforeContent(cut)) return `chunks=${chunks}&${cut.after < 0 ? "first=30000" : "hang=0"}`;
  return `chunks=${chunks}&delay=5${cut.upstream === "silent" ? `&hang=${cut.after}` : ""}`;
};

/** A client that leaves at its place, by RST or by FIN. */
const leave = async (cut: Cut): Promise<Receipt> => {
  const { number, after, kind } = cut;
  const model = `cut-${number}?${behaviourOf(cut)}`;
  const stream = kind !== "chat";
  const request = chatRequest(`${providerName}/${model}`, { stream, path: pathOf[kind] });
  const sentAt = nowMilliseconds();
  const client = openRawClient(portOf(gateway.url), request);
  const dialect = kind === "messages stream" ? "messages" : "chat";
  if (isBeforeContent(cut)) await Bun.sleep(60);
  else {
    await client.until("\r\n\r\n");
    await waitFor(() => readEvents(client.received(), dialect).text().length >= after * 8, `${after} pieces`);
  }
  const endedAt = nowMilliseconds();
  if (number % 2 === 0) client.reset();
  else client.socket.destroy();
  const received = client.received();
  return {
    kind,
    model,
    leave: { afterPieces: after },
    ending: "left",
    requestId: /^x-request-id: (\S+)/im.exec(received)?.[1] ?? null,
    status: received === "" ? null : 200,
    error: null,
    text: received === "" ? "" : readEvents(received, dialect).text(),
    sentAt,
    endedAt,
  };
};

test("clients that leave at every place: upstream aborted in time, each call settled once", async () => {
  const cuts: Cut[] = [];
  for (let round = 0; round < rounds; round++)
    for (let after = -1; after < chunks; after++)
      for (const kind of ["chat stream", "messages stream"] as const)
        for (const upstream of ["silent", "going on"] as const)
          cuts.push({ number: cuts.length, after, kind, upstream });
  for (let round = 0; round < 12; round++)
    cuts.push({ number: cuts.length, after: -1, kind: "chat", upstream: "silent" });
  const before = readProcess(gateway.pid).descriptors;
  const receipts: Receipt[] = [];
  const rest = cuts.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const cut of rest) receipts.push(await leave(cut));
    }),
  );
  await waitFor(async () => (await upstream.state()).open === 0, "every upstream was left");
  const dispatches = upstream.dispatches();
  const leftAt = new Map(receipts.map(({ model, endedAt }) => [model, endedAt]));
  const waits = dispatches.flatMap(({ model, ending }) =>
    ending?.how === "aborted" ? [ending.at - (leftAt.get(model) ?? 0)] : [],
  );
  expect(dispatches).toHaveLength(cuts.length);
  // One that goes on may have written its end before the news of the client reached it; a silent one has not.
  expect(waits.length).toBeGreaterThanOrEqual(cuts.filter(({ upstream }) => upstream === "silent").length);
  expect(quantile(waits, 0.99)).toBeLessThan(mostAbortMilliseconds);
  await waitFor(() => readProcess(gateway.pid).descriptors <= before + 5, "the descriptors are back");
  await gateway.stop();
  const ledger = readLedger(gateway.dataFolder);
  expect(ledger.calls).toHaveLength(cuts.length);
  expect(compareBooks({ receipts, dispatches, ledger }).filter(({ faults }) => faults.length > 0)).toEqual([]);
}, 60_000);

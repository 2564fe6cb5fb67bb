import { quantile } from "../support/checks.ts";
import { compareBooks } from "../support/compare-ledger.ts";
import { type LedgerRows, readLedger } from "../support/ledger-rows.ts";
import { readProcess } from "../support/process-figures.ts";
import type { Receipt } from "../support/receipt.ts";
import { providerName } from "../support/send-call.ts";
import { startGateway } from "../support/start-gateway.ts";
import { type Dispatch, nowMilliseconds } from "../upstream/journal.ts";
import { startUpstream } from "../upstream/start.ts";
import { chatRequest, openRawClient, portOf, readEvents } from "./raw-client.ts";
import { waitFor } from "./wait-for.ts";

const chunks = 25;
const atOnce = 40;
const mostAbortMilliseconds = 1_000;

const ways = ["chat stream", "messages stream", "chat"] as const;
const pathOf = {
  "chat stream": "/v1/chat/completions",
  "messages stream": "/v1/messages",
  chat: "/v1/chat/completions",
};

interface Cut {
  readonly number: number;
  /** Pieces that came before the client goes; -1: none, and no headers; all of them: only the usage is missing. */
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
const leave = async (cut: Cut, url: string): Promise<Receipt> => {
  const { number, after, kind } = cut;
  const model = `cut-${number}?${behaviourOf(cut)}`;
  const stream = kind !== "chat";
  const request = chatRequest(`${providerName}/${model}`, { stream, path: pathOf[kind] });
  const sentAt = nowMilliseconds();
  const client = openRawClient(portOf(url), request);
  const dialect = kind === "messages stream" ? "messages" : "chat";
  // The first calls of a program come all at once here, and take their time to get upstream.
  if (isBeforeContent(cut)) await Bun.sleep(250);
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

/** Every place in turn, in every way; one in twenty-five asks for a whole answer, which can be left at one place only. */
const cutsOf = (count: number): readonly Cut[] => {
  const places = Array.from({ length: chunks + 2 }, (_, place) => place - 1).flatMap((after) =>
    (["chat stream", "messages stream"] as const).flatMap((kind) =>
      (["silent", "going on"] as const).map((upstream) => ({ after, kind, upstream })),
    ),
  );
  return Array.from({ length: count }, (_, number): Cut => {
    const place = places[number % places.length];
    if (number % chunks === chunks - 1 || place === undefined)
      return { number, after: -1, kind: "chat", upstream: "silent" };
    return { number, ...place };
  });
};

/** What came of clients that leave. */
export interface HangUps {
  readonly calls: number;
  readonly dispatches: number;
  /** Dispatches without an attempt whose usage is reported or estimated. */
  readonly unbilled: number;
  /** Upstreams that were closed before they had said all. */
  readonly aborted: number;
  readonly abortMilliseconds: { readonly median: number; readonly p99: number; readonly most: number };
  readonly settledOnce: number;
  readonly seconds: number;
  /** What speaks against the program. */
  readonly faults: readonly string[];
}

const unbilledOf = (dispatches: readonly Dispatch[], { attempts }: LedgerRows): number => {
  const billed = new Set(attempts.filter(({ usageSource }) => usageSource !== "unknown").map(({ model }) => model));
  return dispatches.filter(({ model }) => !billed.has(model)).length;
};

/** So many clients of the real program leave, at every place of a stream; then all books are compared. */
export const runHangUps = async (count: number): Promise<HangUps> => {
  const began = performance.now();
  const upstream = await startUpstream();
  const gateway = await startGateway({
    configuration: { providers: { [providerName]: { kind: "openai-compatible", baseUrl: upstream.baseUrl } } },
  });
  try {
    const cuts = cutsOf(count);
    const before = readProcess(gateway.pid).descriptors;
    const receipts: Receipt[] = [];
    const rest = cuts.values();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const cut of rest) receipts.push(await leave(cut, gateway.url));
      }),
    );
    await waitFor(async () => (await upstream.state()).open === 0, "every upstream was left");
    // What is kept for the next call is no leak.
    await upstream.closeIdle();
    await waitFor(() => readProcess(gateway.pid).descriptors <= before + 5, "the descriptors are back");
    await gateway.stop();
    const dispatches = upstream.dispatches();
    const ledger = readLedger(gateway.dataFolder);
    const leftAt = new Map(receipts.map(({ model, endedAt }) => [model, endedAt]));
    const waits = dispatches.flatMap(({ model, ending }) =>
      ending?.how === "aborted" ? [ending.at - (leftAt.get(model) ?? 0)] : [],
    );
    const rowsOf = Map.groupBy(ledger.calls, ({ requestedModel }) => requestedModel);
    const settledOnce = [...rowsOf.values()].filter(({ length }) => length === 1).length;
    const p99 = quantile(waits, 0.99);
    const unbilled = unbilledOf(dispatches, ledger);
    // One that goes on may have written its end before the news of the client reached it; a silent one has not.
    const silent = cuts.filter((cut) => cut.upstream === "silent").length;
    return {
      calls: count,
      dispatches: dispatches.length,
      unbilled,
      aborted: waits.length,
      abortMilliseconds: { median: quantile(waits, 0.5), p99, most: Math.max(...waits) },
      settledOnce,
      seconds: (performance.now() - began) / 1_000,
      faults: [
        ...(dispatches.length === count ? [] : [`${dispatches.length} of ${count} calls reached the upstream`]),
        ...(unbilled === 0 ? [] : [`${unbilled} dispatches are not billed`]),
        ...(waits.length >= silent ? [] : [`${waits.length} upstreams were left, ${silent} were silent`]),
        ...(p99 < mostAbortMilliseconds ? [] : [`the 99th percentile of the time to the abort is ${p99} ms`]),
        ...(settledOnce === count && ledger.calls.length === count
          ? []
          : [`${ledger.calls.length} rows for ${count} calls, ${settledOnce} settled once`]),
        ...compareBooks({ receipts, dispatches, ledger }).flatMap(({ name, faults }) =>
          faults.slice(0, 5).map((fault) => `${name}: ${fault}`),
        ),
      ],
    };
  } finally {
    await gateway.dispose();
    await upstream.stop();
  }
};

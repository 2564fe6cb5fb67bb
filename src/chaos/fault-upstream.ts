import { createServer, type Socket } from "node:net";
import type { Dialect } from "../core/chat.ts";
import { inPieces, tokensOf } from "./answer-text.ts";
import type { FaultName } from "./faults.ts";
import { formats } from "./formats/index.ts";
import type { Asked, WireFormat } from "./formats/wire-format.ts";
import { openRequestReader } from "./request-reader.ts";
import { sendAnswer } from "./send-answer.ts";

/** One target that the upstream stands in for. */
export interface StandIn {
  /** The target's id, `provider/model`. */
  readonly id: string;
  readonly dialect: Dialect;
  /** What it answers. */
  readonly text: string;
  /** How it takes a begun answer: goes on behind it, or says the beginning again first. */
  readonly prefill: "continues" | "echoes";
  /** Absent: it answers well. */
  readonly fault?: FaultName;
}

/** What happens until the next plan. */
export interface Plan {
  /** By id. */
  readonly targets: ReadonlyMap<string, StandIn>;
  readonly random: () => number;
}

export interface FaultUpstream {
  /** Without a trailing slash; the provider's name follows it in every path. */
  readonly url: string;
  /** Ends what is open and forgets what was asked. */
  plan(plan: Plan): void;
  /** The targets that were asked since the plan, in order; null for a request that is of none. */
  asked(): readonly (string | null)[];
  close(): Promise<void>;
}

/** A begun answer is gone on with, whoever began it; what nobody here began is answered anew. */
const textFor = ({ text, prefill }: StandIn, { beginning }: Asked, { targets }: Plan): string => {
  if (beginning === null) return text;
  const begun = [...targets.values()].find((other) => other.text.startsWith(beginning))?.text;
  if (begun === undefined) return text;
  return prefill === "continues" ? begun.slice(beginning.length) : begun;
};

interface Found {
  readonly standIn: StandIn;
  readonly format: WireFormat;
  readonly asked: Asked;
}

/** Whom a request means: the provider by its path, the model by that provider's wire format. */
const find = (path: string, body: string, { targets }: Plan): Found | undefined => {
  const provider = decodeURIComponent(path.split("/", 2)[1] ?? "");
  for (const standIn of targets.values()) {
    if (!standIn.id.startsWith(`${provider}/`)) continue;
    const format = formats[standIn.dialect];
    const asked = format.read(path, JSON.parse(body || "{}"));
    if (standIn.id === `${provider}/${asked.model}` || standIn.id === `${provider}/models/${asked.model}`)
      return { standIn, format, asked };
  }
  return undefined;
};

/** An upstream on loopback that answers for every provider, over raw sockets: what breaks there breaks as it does in life. */
export const startFaultUpstream = async (): Promise<FaultUpstream> => {
  let current: Plan = { targets: new Map(), random: () => 0 };
  let asked: (string | null)[] = [];
  const sockets = new Set<Socket>();

  const answer = (socket: Socket, path: string, body: string): void => {
    const found = find(path, body, current);
    asked.push(found?.standIn.id ?? null);
    if (found === undefined) {
      socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const { standIn, format, asked: request } = found;
    const text = textFor(standIn, request, current);
    const outputTokens = tokensOf(text);
    void sendAnswer(socket, {
      format,
      isStreamed: request.isStreamed,
      answer: { model: request.model, pieces: inPieces(text), inputTokens: 20, outputTokens },
      fault: standIn.fault,
      random: current.random,
    });
  };

  const server = createServer((socket) => {
    const reader = openRequestReader();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // The gateway leaves when it has waited long enough.
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      const request = reader.push(bytes);
      if (request !== undefined) answer(socket, request.path, request.body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { readonly port: number };
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    plan(plan) {
      drop();
      current = plan;
      asked = [];
    },
    asked: () => asked,
    close() {
      drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

/** An address on loopback at which nobody listens: the system gave the port, and it was given back. */
export const closedAddress = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}`;
};

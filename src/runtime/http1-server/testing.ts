import type { Socket } from "bun";
import type { HandleRequest, ServerReply } from "../../core/ports/http-server.ts";
import { Connection } from "./connection.ts";
import { ServerState } from "./server-state.ts";

/** A socket without a network: keeps what is written, and takes no more than it has room for. */
export class FakeSocket {
  #written: Buffer[] = [];
  /** Bytes that it still takes. */
  room = Number.MAX_SAFE_INTEGER;
  writes = 0;
  isPaused = false;
  hasShutDown = false;
  hasEnded = false;
  isTerminated = false;
  readonly remoteAddress = "127.0.0.9";

  get text(): string {
    return Buffer.concat(this.#written).toString("latin1");
  }

  write(data: string | Uint8Array, from = 0, length?: number): number {
    const bytes = typeof data === "string" ? Buffer.from(data) : data.subarray(from, from + (length ?? data.length));
    const taken = Math.min(this.room, bytes.length);
    this.#written.push(Buffer.from(bytes.subarray(0, taken)));
    this.writes += 1;
    this.room -= taken;
    return taken;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  shutdown(): void {
    this.hasShutDown = true;
  }

  end(): void {
    this.hasEnded = true;
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

export interface FakeServer {
  readonly socket: FakeSocket;
  readonly connection: Connection;
  readonly state: ServerState;
  /** Says bytes, one character each, and waits until all that follows at once has happened. */
  say(text: string): Promise<void>;
}

/** Waits until all that follows at once has happened. */
export const settle = async (): Promise<void> => {
  // What happens in one turn may ask for another.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A connection to a server without a network. Idle time is over after `idleSeconds` × 2 + 1 sweeps and one more. */
export const openFake = (handle: HandleRequest, idleSeconds = 1): FakeServer => {
  const state = new ServerState({ handle, idleSeconds });
  const socket = new FakeSocket();
  const connection = new Connection(socket as unknown as Socket<Connection>, state);
  return {
    socket,
    connection,
    state,
    async say(text) {
      // A copy: the connection writes into what it is given.
      connection.received(new Uint8Array(Buffer.from(text, "latin1")));
      await settle();
    },
  };
};

/** A request that was read whole. */
export interface ReadRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  /** One character a byte. */
  readonly body: string;
}

export interface Reading {
  readonly requests: readonly ReadRequest[];
  /** The statuses of the replies, in their order. */
  readonly statuses: readonly number[];
  /** Whether the server is done with the connection. */
  readonly isOver: boolean;
}

const ok: ServerReply = { status: 200, headers: {}, body: "ok" };

/** Reads requests that come over one connection, in these pieces; then the client goes. */
export const readRequests = async (pieces: readonly Uint8Array[]): Promise<Reading> => {
  const requests: ReadRequest[] = [];
  const { socket, connection } = openFake(async (request) => {
    const { method, url, headers } = request;
    const body = Buffer.from(await request.bytes()).toString("latin1");
    requests.push({ method, url, headers: [...headers], body });
    return ok;
  });
  for (const piece of pieces) {
    // A copy: the connection writes into what it is given.
    connection.received(new Uint8Array(piece));
    for (let turn = 0; turn < 8; turn++) await undefined;
  }
  await settle();
  const isOver = socket.hasShutDown || socket.isTerminated;
  connection.ended();
  await settle();
  // A word in between depends on the pieces.
  const statuses = [...socket.text.matchAll(/HTTP\/1\.1 ([2-5]\d\d)/g)].map(([, status]) => Number(status));
  return { requests, statuses, isOver };
};

/** Bytes cut at these places, ascending. */
export const cutAt = (bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] =>
  [0, ...places]
    .map((start, index) => bytes.subarray(start, places[index] ?? bytes.length))
    .filter(({ length }) => length > 0);

import type { Socket } from "bun";
import { CancelController } from "../../core/cancel.ts";
import { Connection } from "./connection.ts";
import { Exchange } from "./exchange.ts";
import type { Message } from "./message.ts";
import type { SocketOwner } from "./socket-handler.ts";

/** What came of a response: its status and body, or what was thrown instead of either. */
export interface Reading {
  readonly status?: number;
  readonly headers?: { get(name: string): string | null };
  readonly body?: string;
  readonly error?: unknown;
  /** Whether the connection could carry another request afterwards. */
  readonly isKept: boolean;
}

const message: Message = { text: "GET / HTTP/1.1\r\n\r\n", byteLength: 18, isRepeatable: true };

/** A connection without a network: what it sends is taken, what it receives is said. */
export const fakeSocket = (): Socket<SocketOwner> =>
  ({
    write: (data: string | Uint8Array) => data.length,
    ref: () => undefined,
    unref: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    timeout: () => undefined,
    terminate: () => undefined,
    end: () => 0,
  }) as unknown as Socket<SocketOwner>;

/** Reads a response that comes in these pieces; then, where it is to be closed, the peer closes the connection. */
export const readResponse = async (
  pieces: readonly Uint8Array[],
  ending: "open" | "closed" = "open",
): Promise<Reading> => {
  let isKept = false;
  const connection = new Connection(fakeSocket(), {
    freed: () => {
      isKept = true;
    },
    lost: () => {
      isKept = false;
    },
  });
  const controller = new CancelController();
  const answer = new Exchange({
    message,
    signal: controller.signal,
    connectMilliseconds: undefined,
    dispatcher: {
      origin: "http://test",
      dispatch: (exchange) => void exchange.startOn(connection),
      withdraw: () => undefined,
    },
  }).run();
  // A copy: the connection moves bytes about within a piece.
  for (const piece of pieces) connection.received(new Uint8Array(piece));
  if (ending === "closed") connection.ended(undefined);
  // What has not come to an end by now waits for more.
  controller.abort(new Error("not whole yet"));
  try {
    const { status, headers, whole } = await answer.then((response) => ({
      status: response.status,
      headers: response.headers,
      whole: response.whole?.(Number.MAX_SAFE_INTEGER) ?? Promise.resolve(new Uint8Array(0)),
    }));
    const body = Buffer.from(await whole).toString("latin1");
    return { status, headers, body, isKept };
  } catch (error) {
    return { error, isKept };
  }
};

/** Bytes cut at these places, ascending. */
export const cutAt = (bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] =>
  [0, ...places]
    .map((start, index) => bytes.subarray(start, places[index] ?? bytes.length))
    .filter(({ length }) => length > 0);

import type { Socket } from "bun";
import { chatRequest } from "../streams/raw-client.ts";

/** What became of the calls that were due in the measured time. */
export interface LoadResult {
  readonly offered: number;
  /** Answered whole, in time. */
  readonly good: number;
  readonly refused: number;
  /** Neither: too late, or broken. */
  readonly lost: number;
  /** Of the good ones, in milliseconds, from the moment when each was due. */
  readonly latencies: readonly number[];
  readonly refusalLatencies: readonly number[];
}

export interface LoadOptions {
  readonly port: number;
  readonly model: string;
  readonly milliseconds: number;
  /** Arrivals a second, whatever becomes of them; or so many clients, each of which asks again when it is answered. */
  readonly load: { readonly perSecond: number } | { readonly clients: number };
  readonly patienceMilliseconds: number;
}

interface Connection {
  socket: Socket<Connection> | undefined;
  dueAt: number;
  status: number;
  isBusy: boolean;
}

const tickMilliseconds = 2;
const lastChunk = "0\r\n\r\n";

/** Offers load to a gateway on loopback. Connections are kept and used again. */
export const offerLoad = async (options: LoadOptions): Promise<LoadResult> => {
  const { port, model, milliseconds, load, patienceMilliseconds } = options;
  const request = chatRequest(model, { stream: true });
  const counts = { offered: 0, good: 0, refused: 0, lost: 0 };
  const latencies: number[] = [];
  const refusalLatencies: number[] = [];
  const idle: Connection[] = [];
  const busy = new Set<Connection>();
  const began = performance.now();
  const isOver = (): boolean => performance.now() - began > milliseconds;

  const settle = (connection: Connection, how: "good" | "refused" | "lost"): void => {
    if (!connection.isBusy) return;
    connection.isBusy = false;
    busy.delete(connection);
    const took = performance.now() - connection.dueAt;
    const counted = how === "good" && took > patienceMilliseconds ? "lost" : how;
    counts[counted] += 1;
    if (counted === "good") latencies.push(took);
    if (counted === "refused") refusalLatencies.push(took);
    if (how === "lost") connection.socket?.terminate();
    else idle.push(connection);
    if ("clients" in load && !isOver()) ask(performance.now());
  };
  const handlers = {
    open(socket: Socket<Connection>) {
      socket.data.socket = socket;
      socket.write(request);
    },
    data(socket: Socket<Connection>, bytes: Buffer) {
      const connection = socket.data;
      if (connection.status === 0) connection.status = Number(bytes.toString("latin1", 9, 12));
      const tail = bytes.toString("latin1", Math.max(0, bytes.length - lastChunk.length));
      if (connection.status === 200) {
        if (tail.endsWith(lastChunk)) settle(connection, "good");
      } else if (tail.endsWith("}")) settle(connection, "refused");
    },
    close(socket: Socket<Connection>) {
      settle(socket.data, "lost");
      const at = idle.indexOf(socket.data);
      if (at !== -1) idle.splice(at, 1);
    },
    error: () => undefined,
    connectError: (socket: Socket<Connection>) => settle(socket.data, "lost"),
  };
  const ask = (dueAt: number): void => {
    counts.offered += 1;
    const connection = idle.pop() ?? { socket: undefined, dueAt, status: 0, isBusy: true };
    Object.assign(connection, { dueAt, status: 0, isBusy: true });
    busy.add(connection);
    if (connection.socket === undefined)
      Bun.connect<Connection>({ hostname: "127.0.0.1", port, socket: handlers, data: connection }).catch(() =>
        settle(connection, "lost"),
      );
    else connection.socket.write(request);
  };
  if ("clients" in load) for (let client = 0; client < load.clients; client++) ask(performance.now());
  while (!isOver()) {
    const now = performance.now();
    if ("perSecond" in load) {
      const due = Math.floor(((now - began) / 1_000) * load.perSecond);
      while (counts.offered < due) ask(began + (counts.offered / load.perSecond) * 1_000);
    }
    for (const connection of busy) if (now - connection.dueAt > patienceMilliseconds) settle(connection, "lost");
    await Bun.sleep(tickMilliseconds);
  }
  const late = performance.now() + patienceMilliseconds;
  while (busy.size > 0 && performance.now() < late) await Bun.sleep(20);
  for (const connection of busy) settle(connection, "lost");
  for (const { socket } of idle) socket?.terminate();
  return { ...counts, latencies, refusalLatencies };
};

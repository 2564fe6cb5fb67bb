import type { Socket } from "bun";
import type { UpstreamPlan } from "../plan.ts";
import { nowMicroseconds } from "../system/clock.ts";
import { Outbox } from "../system/outbox.ts";
import { Wheel } from "./pacing.ts";
import { type PreparedReplies, prepareReplies } from "./reply.ts";
import { RequestReader } from "./request-reader.ts";

// bun bench/upstream/serve.ts KEY CERTIFICATE
// An upstream that costs as little as can be: raw sockets, and answers that were made beforehand. Its parent gives it
// its plan. It tells its ports.

interface Connection {
  readonly reader: RequestReader;
  readonly outbox: Outbox;
  eventsLeft: number;
  dueAt: number;
  /** Absent once it is closed. */
  socket: Socket<Connection> | undefined;
}

const nothing: UpstreamPlan = {
  replyCharacters: 100,
  events: 1,
  eventCharacters: 100,
  eventsPerSecond: 0,
  staggerFirst: 0,
};
let plan = nothing;
let replies: PreparedReplies = prepareReplies(plan);
let streamsBegun = 0;

/** Writes what is due of a stream: one event, or all of them where the plan names no pace. */
const writeEvent = (connection: Connection): void => {
  const { socket, outbox } = connection;
  if (socket === undefined) return;
  do {
    connection.eventsLeft -= 1;
    outbox.write(socket, replies.streamEvent(nowMicroseconds(), connection.eventsLeft));
  } while (plan.eventsPerSecond === 0 && connection.eventsLeft > 0);
  if (connection.eventsLeft === 0) {
    outbox.write(socket, replies.streamEnd);
    return;
  }
  connection.dueAt += 1_000 / plan.eventsPerSecond;
  wheel.add(connection);
};
const wheel = new Wheel<Connection>(writeEvent);

const lengthOf = (stream: number): number => {
  const share = stream < plan.staggerFirst ? (stream + 1) / plan.staggerFirst : 1;
  return Math.max(1, Math.round(plan.events * share));
};

/**
 * Milliseconds by which a stream's later events are behind its first. The first streams begin at the same moment; were
 * all their events due together, what is measured would be how long a crowd of them takes.
 */
const phaseOf = (stream: number): number =>
  // Multiples of the golden ratio lie evenly, however many there are.
  stream < plan.staggerFirst ? ((stream * 0.618_034) % 1) * (1_000 / plan.eventsPerSecond) : 0;

const answer = {
  whole: (socket: Socket<Connection>) => socket.data.outbox.write(socket, replies.whole),
  models: (socket: Socket<Connection>) => socket.data.outbox.write(socket, replies.models),
  stream: (socket: Socket<Connection>) => {
    const connection = socket.data;
    const stream = streamsBegun++;
    connection.outbox.write(socket, replies.streamBegin);
    connection.eventsLeft = lengthOf(stream);
    connection.dueAt = performance.now() + phaseOf(stream);
    writeEvent(connection);
  },
} as const;

const handlers = {
  open(socket: Socket<Connection>) {
    socket.setNoDelay(true);
    const reader = new RequestReader();
    socket.data = { reader, outbox: new Outbox(), eventsLeft: 0, dueAt: 0, socket };
  },
  data(socket: Socket<Connection>, bytes: Buffer) {
    const asked = socket.data.reader.push(bytes);
    if (asked !== undefined) answer[asked](socket);
  },
  drain: (socket: Socket<Connection>) => socket.data.outbox.flush(socket),
  close(socket: Socket<Connection>) {
    socket.data.socket = undefined;
  },
  error: () => undefined,
};

const [key = "", certificate = ""] = process.argv.slice(2);
const address = { hostname: "127.0.0.1", port: 0 } as const;
const plain = Bun.listen<Connection>({ ...address, socket: handlers });
const secure = Bun.listen<Connection>({
  ...address,
  socket: handlers,
  tls: { key: Bun.file(key), cert: Bun.file(certificate) },
});

process.on("message", (next: UpstreamPlan) => {
  plan = next;
  replies = prepareReplies(plan);
  streamsBegun = 0;
  process.send?.("planned");
});
process.on("disconnect", () => process.exit(0));
process.send?.({ port: plain.port, securePort: secure.port });

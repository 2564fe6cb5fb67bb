import type { Socket } from "bun";
import { chatRequest, readEvents } from "../streams/raw-client.ts";
import { providerName } from "../support/send-call.ts";
import { textOf } from "../upstream/behaviour.ts";
import { behaviourText, type ClientResult, chunks } from "./plan.ts";

// bun test/held-streams/client.ts PORT FIRST COUNT
// Opens so many streams, keeps them to their end and checks every event. Writes a line when all are open, and one with
// what became of them.

const [port = 0, first = 0, count = 0] = process.argv.slice(2).map(Number);
/** Streams that are being opened at once. */
const openingAtOnce = 1_000;

interface Held {
  readonly model: string;
  received: string;
  hasBegun: boolean;
  readonly begun: () => void;
  readonly ended: () => void;
}

const result: ClientResult = { whole: 0, events: 0, dropped: [] };
const endings: Promise<void>[] = [];
let open = 0;
let openAtOnce = 0;

const judge = ({ model, received }: Held): void => {
  try {
    const reader = readEvents(received, "chat");
    result.events += received.split("data: ").length - 1;
    if (reader.isComplete() && reader.text() === textOf(model, chunks)) result.whole += 1;
    else result.dropped.push(`${model}: ${reader.error() ?? `${reader.text().length} characters`}`);
  } catch (error) {
    result.dropped.push(`${model}: ${String(error)}`);
  }
};

const handlers = {
  open: (socket: Socket<Held>) => {
    socket.write(chatRequest(`${providerName}/${socket.data.model}`, { stream: true }));
  },
  data(socket: Socket<Held>, bytes: Buffer) {
    const held = socket.data;
    held.received += bytes.toString("latin1");
    if (!held.hasBegun && held.received.includes("data: ")) {
      held.hasBegun = true;
      open += 1;
      openAtOnce = Math.max(openAtOnce, open);
      held.begun();
    }
    if (held.received.endsWith("\r\n0\r\n\r\n")) socket.end();
  },
  close(socket: Socket<Held>) {
    const held = socket.data;
    if (held.hasBegun) open -= 1;
    judge(held);
    held.begun();
    held.ended();
  },
  error: () => undefined,
};

const hold = async (number: number): Promise<void> => {
  const { promise: begun, resolve: onBegun } = Promise.withResolvers<void>();
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();
  const held: Held = {
    model: `held-${number}?${behaviourText}`,
    received: "",
    hasBegun: false,
    begun: onBegun,
    ended: onEnded,
  };
  endings.push(ended);
  await Bun.connect<Held>({ hostname: "127.0.0.1", port, socket: handlers, data: held });
  await begun;
};

const numbers = Array.from({ length: count }, (_, index) => first + index).values();
await Promise.all(
  Array.from({ length: openingAtOnce }, async () => {
    for (const number of numbers) await hold(number);
  }),
);
console.log(JSON.stringify({ openAtOnce }));
await Promise.all(endings);
console.log(JSON.stringify(result));

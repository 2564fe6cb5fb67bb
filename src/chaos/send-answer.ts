import type { Socket } from "node:net";
import type { FaultName } from "./faults.ts";
import type { Answer, WireFormat } from "./formats/wire-format.ts";

export interface Sending {
  readonly format: WireFormat;
  readonly isStreamed: boolean;
  readonly answer: Answer;
  readonly fault: FaultName | undefined;
  readonly random: () => number;
}

/** Between two pieces: so that they come one by one, as a model's do. */
const paceMilliseconds = 1;

const head = (status: number, headers: Readonly<Record<string, string | number>>): string => {
  const lines = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Refused"}\r\n${lines.join("")}\r\n`;
};

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, paceMilliseconds));

/** RST: what the peer has not read is lost too, so it gets a moment to read. */
const reset = async (socket: Socket): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  if (!socket.destroyed) socket.resetAndDestroy();
};

const statuses: Partial<Record<FaultName, number>> = { "429": 429, "500": 500, "503": 503, "401": 401 };

const refuse = (socket: Socket, format: WireFormat, status: number): void => {
  const body = JSON.stringify(format.refusal(status, `The stand-in refuses with ${status}.`));
  const retry = status === 429 ? { "retry-after": 1 } : {};
  socket.end(
    head(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...retry }) + body,
  );
};

/** The first so many characters of the pieces, the last one shortened where it must be. */
const upTo = (pieces: readonly string[], characters: number): readonly string[] => {
  const kept: string[] = [];
  let left = characters;
  for (const piece of pieces) {
    if (left <= 0) break;
    kept.push(piece.slice(0, left));
    left -= piece.length;
  }
  return kept;
};

/** Sends an answer whole, or up to its break. */
const sendWhole = async (socket: Socket, { format, answer, fault, random }: Sending): Promise<void> => {
  const body = JSON.stringify(format.whole(answer));
  const bytes = Buffer.from(body);
  const start = head(200, { "content-type": "application/json", "content-length": bytes.length });
  if (fault === undefined) return void socket.end(start + body);
  if (fault === "malformed-frame") return void socket.end(`${start}${body.slice(0, -1)} `);
  const end = fault === "cut-before-content" ? 0 : 1 + Math.floor(random() * (bytes.length - 1));
  socket.write(Buffer.concat([Buffer.from(start), bytes.subarray(0, end)]));
  if (fault === "stall-mid-stream") return;
  // Of a whole answer the length is known, so an end before it is a cut too.
  if (fault === "ended-early") return void socket.end();
  await reset(socket);
};

const sendStream = async (socket: Socket, { format, answer, fault, random }: Sending): Promise<void> => {
  const { length } = answer.pieces.join("");
  const isBroken = fault !== undefined;
  const characters = 1 + Math.floor(random() * Math.max(1, length - 1));
  const pieces = isBroken ? upTo(answer.pieces, fault === "cut-before-content" ? 0 : characters) : answer.pieces;
  const { opening, content, ending } = format.stream({ ...answer, pieces });
  socket.write(head(200, { "content-type": format.contentType, "transfer-encoding": "chunked" }));
  if (opening !== "") socket.write(chunk(opening));
  for (const event of content) {
    if (socket.destroyed) return;
    socket.write(chunk(event));
    await pause();
  }
  if (!isBroken) return void socket.end(`${chunk(ending)}0\r\n\r\n`);
  if (fault === "stall-mid-stream") return;
  if (fault === "ended-early") return void socket.end("0\r\n\r\n");
  if (fault === "malformed-frame") return void socket.end(`${chunk(format.malformed)}${chunk(ending)}0\r\n\r\n`);
  // In the middle of an event, as a connection breaks.
  const next = content[0] ?? opening;
  if (next !== "") socket.write(chunk(next.slice(0, Math.floor(next.length / 2))));
  await reset(socket);
};

/** Answers one request, well or with its fault. A fault of the connection itself (`refused`) happens elsewhere. */
export const sendAnswer = async (socket: Socket, sending: Sending): Promise<void> => {
  const { format, fault, isStreamed } = sending;
  if (fault === "silent") return;
  const status = fault === undefined ? undefined : statuses[fault];
  if (status !== undefined) return refuse(socket, format, status);
  await (isStreamed ? sendStream(socket, sending) : sendWhole(socket, sending));
};

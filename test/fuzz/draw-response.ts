import type { SeededRandom } from "../support/seeded-random.ts";
import { damageMessage, drawBody, drawCuts, inChunks, messageTokens } from "./draw-message.ts";

/** A response as it comes over one connection. */
export interface ResponseInput {
  /** One character a byte. */
  readonly bytes: string;
  /** Where the bytes are cut, ascending. */
  readonly cuts: readonly number[];
  /** Whether the upstream closes afterwards. */
  readonly closed: boolean;
  /** The body, where the response is well formed and must be read. */
  readonly body?: string;
}

/** Bodies look like what frames them. */
const mimic = { text: "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", every: 20 };

const spelled = (name: string, value: string, random: SeededRandom): string => {
  const shown = random.pick([name, name.toLowerCase(), name.toUpperCase()]);
  return `${shown}:${random.pick([" ", "", "\t", "  "])}${value}${random.pick(["", "", " ", "  "])}\r\n`;
};

const others = [
  ...[
    ["Content-Type", "text/event-stream"],
    ["Date", "Thu, 26 Nov 2026 01:00:00 GMT"],
    ["X-A", "1"],
    ["x-a", "2"],
  ],
  ...[
    ["Keep-Alive", "timeout=5, max=9"],
    ["Connection", "keep-alive"],
    ["X-Latin", "na\xefve \xff"],
    ["X-Empty", ""],
  ],
] as const;

const fields = (own: readonly string[], random: SeededRandom): string => {
  const lines = [...own];
  for (let count = random.between(0, 5); count > 0; count--) {
    const [name, value] = random.pick(others) as readonly [string, string];
    lines.splice(random.between(0, lines.length), 0, spelled(name, value, random));
  }
  return lines.join("");
};

const statusLine = (status: string, random: SeededRandom): string =>
  `HTTP/1.1 ${status}${random.pick([" OK", " ", " Not so good", " \xe9\t!"])}\r\n`;

const interim = (random: SeededRandom): string =>
  random.next() < 0.9
    ? ""
    : `${statusLine(random.pick(["100", "102", "103"]), random)}${fields([], random)}\r\n`.repeat(random.between(1, 2));

interface Drawn {
  readonly bytes: string;
  readonly body: string;
  readonly closed: boolean;
}

const drawGood = (random: SeededRandom): Drawn => {
  const body = drawBody(random, random.pick([0, 5, 60, 700, 20_000]), mimic);
  const status = random.pick(["200", "200", "201", "302", "400", "429", "500", "599"]);
  const start = interim(random) + statusLine(status, random);
  const roll = random.next();
  if (roll < 0.4) {
    const own = [spelled("Transfer-Encoding", random.pick(["chunked", "Chunked"]), random)];
    return { bytes: `${start}${fields(own, random)}\r\n${inChunks(body, random)}`, body, closed: false };
  }
  if (roll < 0.8) {
    const own = [spelled("Content-Length", String(body.length), random)];
    return { bytes: `${start}${fields(own, random)}\r\n${body}`, body, closed: random.next() < 0.2 };
  }
  if (roll < 0.9) {
    const empty = interim(random) + statusLine(random.pick(["204", "304"]), random);
    return { bytes: `${empty}${fields([], random)}\r\n`, body: "", closed: false };
  }
  const old = random.next() < 0.5 && start.startsWith(`HTTP/1.1 ${status}`) ? start.replace("1.1", "1.0") : start;
  return { bytes: `${old}${fields([spelled("Connection", "close", random)], random)}\r\n${body}`, body, closed: true };
};

/** What stands on lines of its own. */
const lines = [
  ...["HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 101 x\r\n\r\n", "HTTP/1.1 100 x\r\n\r\n", "\r\n"],
  ...["Content-Length: 5\r\n", "content-length:0\r\n", "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n"],
  ...["Transfer-Encoding: chunked\r\n", "transfer-encoding: gzip\r\n", "Transfer-Encoding: chunked, chunked\r\n"],
  ...["Transfer-Encoding: identity\r\n", "Transfer-Encoding\r\n", "Connection: close\r\n", "Connection: upgrade\r\n"],
  ...["Upgrade: h2c\r\n", " folded\r\n", "\tfolded\r\n", "x-a : b\r\n", ": b\r\n", "x-a: b\n", "x\xff: b\r\n", "\n"],
  ...["Content-Encoding: identity\r\n", "Trailer: x-a\r\n", "Keep-Alive: timeout=0\r\n", "x-a: \0\r\n", "0\r\n\r\n"],
];

const tokens = [...messageTokens, ...["HTTP/2", "200", "204", "304", "999", "600", "20"], ...lines];

/** A response that is well formed, or one that was and is damaged, in any pieces. */
export const drawResponse = (random: SeededRandom): ResponseInput => {
  const { bytes, body, closed } = drawGood(random);
  if (random.next() < 0.3) return { bytes, cuts: drawCuts(bytes.length, random), closed, body };
  const damaged = damageMessage(bytes, random, { lines, tokens });
  return { bytes: damaged, cuts: drawCuts(damaged.length, random), closed: random.next() < 0.5 };
};

import type { SeededRandom } from "../support/seeded-random.ts";
import { damageMessage, drawBody, drawCuts, inChunks, messageTokens } from "./draw-message.ts";

/** Requests as they come over one connection. */
export interface RequestInput {
  /** One character a byte. */
  readonly bytes: string;
  /** Where the bytes are cut, ascending. */
  readonly cuts: readonly number[];
  /** The bodies, where all requests are well formed and must be read. */
  readonly bodies?: readonly string[];
}

/** Bodies look like what frames them, or like the next request. */
const mimic = { text: "0\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n", every: 30 };

/** Blanks before a value, and behind it. */
const blanks = { any: ["", " ", "  ", "\t", " \t"], spaces: ["", " ", "  "] } as const;

const spelled = (line: string, random: SeededRandom, kind: keyof typeof blanks = "any"): string => {
  const colon = line.indexOf(": ");
  const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
  const shown = random.pick([name, name.toLowerCase(), name.toUpperCase()]);
  return `${shown}:${random.pick(blanks[kind])}${value}${random.pick(["", "", random.pick(blanks[kind])])}\r\n`;
};

const others = [
  ...["Content-Type: application/json", "User-Agent: x/1.0 (y; z)", "Accept: */*", "X-A: 1", "x-a: 2", "X-Empty: "],
  ...["X-Latin: na\xefve \xff", "Connection: keep-alive", "Authorization: Bearer sk-1", "Expect: 100-continue"],
  ...["Trailer: x-a", "TE: trailers", "Cookie: a=b; c=d", "Cookie: e=f"],
];

const targets = ["/", "/v1/chat/completions", "/a?b=c&d=%20", "//", "/../a", "/a%00b", "/{a}|b", "http://a.test/b?c"];

interface Drawn {
  readonly bytes: string;
  readonly body: string;
}

const drawGood = (random: SeededRandom): Drawn => {
  const body = drawBody(random, random.pick([0, 5, 60, 700, 20_000]), mimic);
  const roll = random.next();
  const method = roll < 0.8 ? random.pick(["POST", "PUT", "PATCH"]) : random.pick(["GET", "HEAD", "DELETE", "OPTIONS"]);
  const lines = [spelled("Host: a.test", random)];
  if (roll < 0.4) lines.push(spelled(`Transfer-Encoding: ${random.pick(["chunked", "Chunked"])}`, random, "spaces"));
  else if (roll < 0.8) lines.push(spelled(`Content-Length: ${body.length}`, random, "spaces"));
  for (let count = random.between(0, 5); count > 0; count--)
    lines.splice(random.between(0, lines.length), 0, spelled(random.pick(others), random));
  const head = `${method} ${random.pick(targets)} HTTP/1.1\r\n${lines.join("")}\r\n`;
  if (roll < 0.4) return { bytes: head + inChunks(body, random), body };
  return roll < 0.8 ? { bytes: head + body, body } : { bytes: head, body: "" };
};

/** What stands on lines of its own. */
const lines = [
  ...["Content-Length: 5\r\n", "content-length:0\r\n", "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n"],
  ...["Content-Length: 5 \t\r\n", "Content-Length: 0x5\r\n", "Content-Length:\r\n", "Content-Length: 00000005\r\n"],
  ...["Transfer-Encoding: chunked\r\n", "transfer-encoding: gzip\r\n", "Transfer-Encoding: chunked, chunked\r\n"],
  ...[
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding\r\n",
    "Transfer-Encoding: \r\n",
    "Transfer-Encoding: x\r\n",
  ],
  ...["Transfer-Encoding: chunked \t\r\n", "Transfer-Encoding: \x0bchunked\r\n", "Transfer_Encoding: chunked\r\n"],
  ...["Connection: close\r\n", "Connection: upgrade\r\nUpgrade: h2c\r\n", "Connection: keep-alive, close\r\n"],
  ...["Host: b\r\n", "Host:\r\n", "Host: a.test/b\r\n", "Expect: 100-continue\r\n", "Expect: x\r\n"],
  ...[" folded\r\n", "\tfolded\r\n", "x-a : b\r\n", ": b\r\n", "x-a: b\n", "x-a: b\r", "x\xff: b\r\n", "\n", "\r\n"],
  ...["GET / HTTP/1.1\r\n", "POST /x HTTP/1.0\r\n", "GET / HTTP/2.0\r\n", "GET /\r\n", "x-a: \0\r\n", "0\r\n\r\n"],
];

const tokens = [
  ...messageTokens,
  ...["HTTP/2", "HTTP/1.0", "http/1.1", "GET ", "CONNECT ", "PRI * ", "#", "?", "*", "http://", "@", "%", "[", "\\"],
  ...lines,
];

/** Requests that are well formed, or that were and are damaged, in any pieces. */
export const drawRequest = (random: SeededRandom): RequestInput => {
  const drawn = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => drawGood(random));
  const isDamaged = random.next() < 0.7;
  const place = random.between(0, drawn.length - 1);
  const all = drawn.map(({ bytes }, index) =>
    isDamaged && index === place ? damageMessage(bytes, random, { lines, tokens }) : bytes,
  );
  const bytes = all.join("");
  const cuts = drawCuts(bytes.length, random);
  return isDamaged ? { bytes, cuts } : { bytes, cuts, bodies: drawn.map(({ body }) => body) };
};

import type { SeededRandom } from "../support/seeded-random.ts";
import { damageBytes } from "./damage-bytes.ts";

/** Requests as they come over one connection. */
export interface RequestInput {
  /** One character a byte. */
  readonly bytes: string;
  /** Where the bytes are cut, ascending. */
  readonly cuts: readonly number[];
  /** The bodies, where all requests are well formed and must be read. */
  readonly bodies?: readonly string[];
}

const text = (random: SeededRandom, most: number): string => {
  const length = random.between(0, most);
  const kind = random.between(0, 2);
  if (kind === 0) return "hello ".repeat(Math.ceil(length / 6)).slice(0, length);
  // Bodies that look like what frames them, or like the next request.
  if (kind === 1) return "0\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n".repeat(Math.ceil(length / 30)).slice(0, length);
  return Array.from({ length }, () => String.fromCharCode(random.between(0, 255))).join("");
};

const extension = (random: SeededRandom): string =>
  random.next() < 0.85 ? "" : random.pick([";a", ";a=b", ';a="b c"', ';a="\\""', ";a=1;b=2", ";ieof"]);

const inChunks = (body: string, random: SeededRandom): string => {
  let written = "";
  for (let at = 0; at < body.length; ) {
    const piece = body.slice(at, at + random.between(1, random.pick([3, 40, 4_000])));
    const digits = piece.length.toString(16);
    const size = random.pick([digits, digits.toUpperCase(), digits, `0${digits}`]);
    written += `${size}${extension(random)}\r\n${piece}\r\n`;
    at += piece.length;
  }
  const trailers = random.next() < 0.9 ? "" : random.pick(["x-a: b\r\n", "Digest:\tx\r\nx-b:\r\n"]);
  return `${written}${random.pick(["0", "00"])}${extension(random)}\r\n${trailers}\r\n`;
};

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
  const body = text(random, random.pick([0, 5, 60, 700, 20_000]));
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
  ...[
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "\n\n",
    "\r\r\n",
    "\0",
    " ",
    "\t",
    ":",
    ";",
    "=",
    '"',
    ",",
    "\x7f",
    "\x80",
    "\xff",
  ],
  ...["0", "1", "f", "+", "-", "0x", "00000000", "ffffffff", "\r\n0\r\n\r\n", "5\r\nhello\r\n", ";a=b\r\n", "chunked"],
  ...["HTTP/2", "HTTP/1.0", "http/1.1", "GET ", "CONNECT ", "PRI * ", "#", "?", "*", "http://", "@", "%", "[", "\\"],
  ...lines,
];

const drawCuts = (length: number, random: SeededRandom): readonly number[] => {
  if (length < 200 && random.next() < 0.1) return Array.from({ length: length - 1 }, (_, index) => index + 1);
  const cuts = Array.from({ length: random.between(0, 6) }, () => random.between(0, length));
  return cuts.sort((left, right) => left - right);
};

/** Puts one line between two others, or before all. */
const insertLine = (head: string, random: SeededRandom): string => {
  const starts = [0, ...[...head.matchAll(/\r\n/g)].map(({ index }) => index + 2)];
  const at = random.pick(starts);
  return head.slice(0, at) + random.pick(lines) + head.slice(at);
};

const damage = (bytes: string, random: SeededRandom): string => {
  const head = bytes.indexOf("\r\n\r\n") + 4;
  const [before, after] = [bytes.slice(0, head), bytes.slice(head)];
  const roll = random.next();
  if (roll < 0.35) return insertLine(before, random) + after;
  return roll < 0.65 ? damageBytes(before, random, tokens) + after : before + damageBytes(after, random, tokens);
};

/** Requests that are well formed, or that were and are damaged, in any pieces. */
export const drawRequest = (random: SeededRandom): RequestInput => {
  const drawn = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => drawGood(random));
  const isDamaged = random.next() < 0.7;
  const place = random.between(0, drawn.length - 1);
  const all = drawn.map(({ bytes }, index) => (isDamaged && index === place ? damage(bytes, random) : bytes));
  const bytes = all.join("");
  const cuts = drawCuts(bytes.length, random);
  return isDamaged ? { bytes, cuts } : { bytes, cuts, bodies: drawn.map(({ body }) => body) };
};

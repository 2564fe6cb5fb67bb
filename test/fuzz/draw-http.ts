import type { SeededRandom } from "../support/seeded-random.ts";
import { damageBytes } from "./damage-bytes.ts";

/** Bytes for one connection. */
export interface HttpInput {
  /** One character a byte; {@link marker} stands where each request is told from the others. */
  readonly bytes: string;
  /** Where the bytes are cut into writes, ascending. */
  readonly cuts: readonly number[];
  /** Whether the requests must be answered, must never be dispatched, or nobody can say. */
  readonly verdict: "answered" | "refused" | "open";
  readonly why: string;
}

/** Replaced by as many other characters when it is sent, so that every length stays right. */
export const marker = "MARKERMARK";

const body = `{"model":"up/any","messages":[{"role":"user","content":"${marker}"}]}`;
const markerStart = body.indexOf(marker);
const requestLine = "POST /v1/chat/completions HTTP/1.1";
const common = ["Host: 127.0.0.1", "Content-Type: application/json"];
const length = `Content-Length: ${body.length}`;

const write = (headers: readonly string[], content: string, line = requestLine): string =>
  `${[line, ...common, ...headers].join("\r\n")}\r\n\r\n${content}`;

const inChunks = (random: SeededRandom): string => {
  let text = "";
  for (let at = 0; at < body.length; ) {
    const end = at + random.between(1, 40);
    // The marker stays in one piece, so that it can be found.
    const isWithin = end > markerStart && end < markerStart + marker.length;
    const piece = body.slice(at, isWithin ? markerStart + marker.length : end);
    const extension = random.next() < 0.1 ? ";a=b" : "";
    text += `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`;
    at += piece.length;
  }
  return `${text}0\r\n\r\n`;
};

const good = (random: SeededRandom): string =>
  random.next() < 0.5 ? write([length], body) : write(["Transfer-Encoding: chunked"], inChunks(random));

/** Header lines in the ways in which they may be written. */
const spelled = (line: string, random: SeededRandom): string => {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1).replace(/^ /, "");
  const shown = random.pick([name, name.toLowerCase(), name.toUpperCase()]);
  return `${shown}:${random.pick([" ", "", "\t", "   "])}${value}`;
};

const lengths = [
  "-1",
  "+5",
  "5 5",
  "0x10",
  "1e3",
  "",
  "5,6",
  "5, 5",
  "99999999999999999999",
  "5.0",
  "abc",
  "\xb2",
  "5;",
];
const codings = ["xchunked", "chunked, gzip", "chunked, identity", "chunke", "\x0bchunked", "chunked;q=1", "chunkedx"];
const chunkSizes = ["zz", "-1", "+1", "0x5", "ffffffffffffffffff", "fffffffffffffffff", "", "g", "1\x00", "\xff"];
const versions = ["HTTP/2.0", "HTTP/0.9", "HTTP/9.9", "HTTX/1.1", "HTTP/1", "HTTP1.1", "http/1.1", "HTTP/1.1x"];
const lineOf = (version: string): string => requestLine.replace("HTTP/1.1", version);

type Draw = (random: SeededRandom) => string;

const chunked = (chunks: string): string => write(["Transfer-Encoding: chunked"], chunks);
const size = body.length.toString(16);

const malformed: Readonly<Record<string, Draw>> = {
  "CL and TE": (random) => {
    const both = [spelled(length, random), spelled("Transfer-Encoding: chunked", random)];
    return write(random.next() < 0.5 ? both : both.toReversed(), inChunks(random));
  },
  "two lengths": (random) => {
    const both = [spelled(length, random), spelled(`Content-Length: ${random.between(0, body.length - 1)}`, random)];
    return write(random.next() < 0.5 ? both : both.toReversed(), body);
  },
  "a length that is none": (random) => write([spelled(`Content-Length: ${random.pick(lengths)}`, random)], body),
  "an unknown coding": (random) =>
    write([spelled(`Transfer-Encoding: ${random.pick(codings)}`, random)], inChunks(random)),
  "a chunk's size that is none": (random) => chunked(`${random.pick(chunkSizes)}\r\n${body}\r\n0\r\n\r\n`),
  "a chunk longer than it says": (random) =>
    chunked(`${(body.length - random.between(1, 20)).toString(16)}\r\n${body}\r\n0\r\n\r\n`),
  "a chunk without its end": () => chunked(`${size}\r\n${body}0\r\n\r\n`),
  "a bare LF in the head": (random) => {
    const request = write([length, "X-A: b"], body);
    const ends = [...request.slice(0, request.indexOf("\r\n\r\n")).matchAll(/\r\n/g)].map(({ index }) => index);
    const at = random.pick(ends);
    return `${request.slice(0, at)}\n${request.slice(at + 2)}`;
  },
  "a bare CR in a header": () => write([length, "X-A: b\rX-B: c"], body),
  "a control character in a header's name": (random) =>
    write([length, `X-${String.fromCharCode(random.pick([0, 1, 8, 11, 27, 31, 127]))}A: b`], body),
  "NUL in a header's value": () => write([length, "X-A: b\x00c"], body),
  "a header over two lines": (random) => write([length, `X-A: b\r\n${random.pick([" ", "\t"])}c: d`], body),
  "blanks before the colon": (random) => write([`${length.replace(":", `${random.pick([" ", "\t", "  "])}:`)}`], body),
  "a header without name": () => write([length, ": b"], body),
  "a header without colon": () => write([length, "X-A"], body),
  "no Host": () => write([length], body).replace("Host: 127.0.0.1\r\n", ""),
  "a method that is none": (random) =>
    write([length], body, requestLine.replace("POST", random.pick(["P@ST", "PO ST", "", "P\x00ST", "POST:", "(POST"]))),
  "another version": (random) => write([length], body, lineOf(random.pick(versions))),
  "no version": () => write([length], body, "POST /v1/chat/completions"),
  "NUL in the path": () => write([length], body, requestLine.replace("chat", "ch\x00at")),
  "a huge header": (random) => write([length, `X-A: ${"a".repeat(random.between(70_000, 300_000))}`], body),
  "too many headers": (random) =>
    write([length, ...Array.from({ length: random.between(2_000, 8_000) }, (_, index) => `X-${index}: a`)], body),
  "a request that is cut off": (random) => {
    const request = good(random);
    // Behind the last chunk, the final line end alone may be missing without harm to what was said.
    return request.slice(0, random.between(1, request.length - 6));
  },
};

const tokens = [
  ...["\r\n", "\n", "\r", "\x00", ":", " ", "\t", "\r\n\r\n", "0\r\n\r\n", "Transfer-Encoding: chunked\r\n", "\xff"],
  ...[
    "Content-Length: 0\r\n",
    "Content-Length: 1000\r\n",
    "Expect: 100-continue\r\n",
    "Connection: close\r\n",
    "HTTP/1.0",
  ],
  ...[
    "Upgrade: websocket\r\nConnection: upgrade\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "Host: b\r\n",
    "%00",
    "/../",
  ],
];

const drawBytes = (random: SeededRandom): Omit<HttpInput, "cuts"> => {
  const roll = random.next();
  if (roll < 0.15) {
    const requests = Array.from({ length: random.pick([1, 1, 1, 2, 4]) }, () => good(random));
    // A request that comes before the one ahead of it is answered may end the connection: the server takes no pipeline.
    const verdict = requests.length === 1 ? "answered" : "open";
    return { bytes: requests.join(""), verdict, why: `${requests.length} good requests` };
  }
  if (roll < 0.65) {
    const why = random.pick(Object.keys(malformed));
    return { bytes: malformed[why]?.(random) ?? "", verdict: "refused", why };
  }
  const requests = Array.from({ length: random.between(1, 3) }, () => good(random)).join("");
  return { bytes: damageBytes(requests, random, tokens), verdict: "open", why: "damaged bytes" };
};

/** Requests that are good, wrong in one known way, or damaged at random. */
export const drawHttp = (random: SeededRandom): HttpInput => {
  const drawn = drawBytes(random);
  const count = random.next() < 0.5 ? 0 : random.between(1, 4);
  const cuts = Array.from({ length: count }, () => random.between(0, drawn.bytes.length));
  return { ...drawn, cuts: cuts.sort((left, right) => left - right) };
};

import type { SeededRandom } from "../support/seeded-random.ts";
import { damageBytes } from "./damage-bytes.ts";

// What HTTP messages of both directions are drawn from. One character is a byte.

/** A body; `mimic` is what stands in it where it looks like what frames it. */
export const drawBody = (random: SeededRandom, most: number, mimic: { text: string; every: number }): string => {
  const length = random.between(0, most);
  const kind = random.between(0, 2);
  if (kind === 0) return "hello ".repeat(Math.ceil(length / 6)).slice(0, length);
  if (kind === 1) return mimic.text.repeat(Math.ceil(length / mimic.every)).slice(0, length);
  return Array.from({ length }, () => String.fromCharCode(random.between(0, 255))).join("");
};

const extension = (random: SeededRandom): string =>
  random.next() < 0.85 ? "" : random.pick([";a", ";a=b", ';a="b c"', ';a="\\""', ";a=1;b=2", ";ieof"]);

const sizeOf = (length: number, random: SeededRandom): string => {
  const digits = length.toString(16);
  return random.pick([digits, digits.toUpperCase(), digits, `0${digits}`]);
};

/** A body in chunks of any size, with extensions and trailers. */
export const inChunks = (body: string, random: SeededRandom): string => {
  let written = "";
  for (let at = 0; at < body.length; ) {
    const piece = body.slice(at, at + random.between(1, random.pick([3, 40, 4_000])));
    written += `${sizeOf(piece.length, random)}${extension(random)}\r\n${piece}\r\n`;
    at += piece.length;
  }
  const trailers = random.next() < 0.9 ? "" : random.pick(["x-a: b\r\n", "Digest:\tx\r\nx-b:\r\n"]);
  return `${written}${random.pick(["0", "00"])}${extension(random)}\r\n${trailers}\r\n`;
};

/** What means something in a message, whichever way it goes. */
export const messageTokens: readonly string[] = [
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
];

/** Where so many bytes are cut, ascending: now and then between any two. */
export const drawCuts = (length: number, random: SeededRandom): readonly number[] => {
  if (length < 200 && random.next() < 0.1) return Array.from({ length: length - 1 }, (_, index) => index + 1);
  const cuts = Array.from({ length: random.between(0, 6) }, () => random.between(0, length));
  return cuts.sort((left, right) => left - right);
};

/** Puts one of the lines between two others, or before all. */
const insertLine = (head: string, random: SeededRandom, lines: readonly string[]): string => {
  const starts = [0, ...[...head.matchAll(/\r\n/g)].map(({ index }) => index + 2)];
  const at = random.pick(starts);
  return head.slice(0, at) + random.pick(lines) + head.slice(at);
};

/** Damages the head of a message or what follows it, by one of the lines or by the tokens. */
export const damageMessage = (
  bytes: string,
  random: SeededRandom,
  { lines, tokens }: { readonly lines: readonly string[]; readonly tokens: readonly string[] },
): string => {
  const head = bytes.indexOf("\r\n\r\n") + 4;
  const [before, after] = [bytes.slice(0, head), bytes.slice(head)];
  const roll = random.next();
  if (roll < 0.35) return insertLine(before, random, lines) + after;
  return roll < 0.65 ? damageBytes(before, random, tokens) + after : before + damageBytes(after, random, tokens);
};

import type { CallKind, PlannedCall } from "./receipt.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** One sort of call and its share of the traffic. */
export interface Draw {
  readonly weight: number;
  readonly draw: (random: SeededRandom) => Omit<PlannedCall, "model"> & { readonly behaviour: string };
}

const answering: readonly CallKind[] = [
  "chat",
  "chat stream",
  "chat stream",
  "embeddings",
  "messages",
  "messages stream",
];
const streaming: readonly CallKind[] = ["chat stream", "messages stream"];

/** An answer in so many pieces, paced so that the whole takes about so long. */
const paced = (random: SeededRandom, { longestMilliseconds }: { readonly longestMilliseconds: number }): string => {
  const chunks = random.between(1, 30);
  return `chunks=${chunks}&delay=${random.between(0, Math.floor(longestMilliseconds / chunks))}`;
};

/** Calls that get their answer. */
export const answered = (weight: number, longestMilliseconds: number): Draw => ({
  weight,
  draw: (random) => ({ kind: random.pick(answering), leave: null, behaviour: paced(random, { longestMilliseconds }) }),
});

/** Streams whose usage is never told. */
export const withoutUsage = (weight: number): Draw => ({
  weight,
  draw: (random) => ({ kind: random.pick(streaming), leave: null, behaviour: "chunks=6&delay=3&usage=none" }),
});

/** Calls that the upstream refuses: some for good, some so that they are tried again. */
export const refused = (weight: number, statuses: readonly number[]): Draw => ({
  weight,
  draw: (random) => ({ kind: random.pick(answering), leave: null, behaviour: `status=${random.pick(statuses)}` }),
});

/** Connections that the upstream resets: before the headers, or within a stream. */
export const cut = (weight: number): Draw => ({
  weight,
  draw: (random) => ({
    kind: random.pick(streaming),
    leave: null,
    behaviour: `chunks=8&delay=5&cut=${random.pick(["headers", "3", "6"])}`,
  }),
});

/** Calls that the gateway itself refuses. */
export const malformed = (weight: number): Draw => ({
  weight,
  draw: () => ({ kind: "malformed", leave: null, behaviour: "" }),
});

/** Clients that go while the upstream has not begun to answer. */
export const leftBefore = (weight: number): Draw => ({
  weight,
  draw: (random) => ({
    kind: random.pick(answering),
    leave: { afterMilliseconds: random.between(1, 300) },
    behaviour: random.pick(["hang=headers", "hang=0", "first=60000"]),
  }),
});

/** Clients that go in the middle of a stream: one that flows, and one that has fallen silent. */
export const leftWithin = (weight: number): Draw => ({
  weight,
  draw: (random) => {
    const kind = random.pick(streaming);
    const pieces = random.between(1, 20);
    return random.next() < 0.5
      ? { kind, leave: { afterPieces: pieces }, behaviour: `chunks=25&delay=${random.between(2, 15)}` }
      : { kind, leave: { afterMilliseconds: random.between(50, 400) }, behaviour: `chunks=25&delay=3&hang=${pieces}` };
  },
});

/** Draws calls from a mix, each with a model's name of its own. */
export const drawCalls = (mix: readonly Draw[], random: SeededRandom): (() => PlannedCall) => {
  let number = 0;
  return () => {
    const { kind, leave, behaviour } = random.weighted(mix).draw(random);
    number += 1;
    return { kind, leave, model: `m-${number}${behaviour === "" ? "" : `?${behaviour}`}` };
  };
};

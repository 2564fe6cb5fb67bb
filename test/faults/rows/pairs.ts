import { SeededRandom } from "../../support/seeded-random.ts";
import type { Row, Scenario } from "../lab/scenario.ts";

/** Every fault that takes neither long nor much memory, with a number where it has one. */
const draws: readonly ((random: SeededRandom) => string)[] = [
  ...[
    "reset-before-headers",
    "close-before-headers",
    "hang-before-headers",
    "headers-then-reset",
    "headers-then-hang",
    "headers-then-end",
    "error-frame-first",
    "wrong-type",
    "redirect",
    "crlf",
    "comments",
    "byte-by-byte",
    "no-finish",
    "no-usage",
    "after-end",
    "differs",
    "status-429-ms-50",
    "status-429-retry-30",
  ].map((does) => () => does),
  ...["reset", "close", "stall", "error-frame", "broken-json", "broken-sse"].map(
    (kind) => (random: SeededRandom) => `${kind}-after-${random.between(1, 9)}`,
  ),
  (random) => `cut-at-${random.between(1, 2_000)}`,
  (random) => `split-at-${random.between(1, 4_000)}`,
  (random) => `status-${random.pick([400, 401, 403, 404, 408, 500, 502, 503, 504])}`,
];

const drawn = (random: SeededRandom): string => {
  const does = random.pick(draws)(random);
  return random.next() < 0.3 ? `${does}--first-1` : does;
};

const timeouts = { firstTokenMilliseconds: 300, idleMilliseconds: 300, totalMilliseconds: 2_500 };

/** One call over two faulty targets, and sometimes a third that answers; sometimes its client leaves. */
const scenario = (random: SeededRandom, number: number): Scenario => {
  const targets = [drawn(random), drawn(random), ...(random.next() < 0.7 ? [""] : [])].map((does) => ({ does }));
  const leaves = random.next() < 0.15;
  return {
    name: `${number}: ${targets.map(({ does }) => does || "answers").join(", then ")}${leaves ? ", the client leaves" : ""}`,
    targets,
    route: { timeouts, rescue: random.pick(["error", "restart", "off"]) },
    words: random.between(1, 25),
    ...(leaves
      ? { leave: () => ({ how: random.pick(["close", "reset"]), when: { milliseconds: random.between(1, 60) } }) }
      : {}),
    expect: { ending: leaves ? "either or left" : "either", charge: "fair", within: 6_000 },
  };
};

/** So many random pairs of faults; the general checks say what must hold. */
export const pairsRow = (seed: number, count: number): Row => {
  const random = new SeededRandom(seed);
  return {
    number: 0,
    title: `${count} random pairs of faults`,
    bill: "as it falls",
    ballast: 2,
    concurrency: 16,
    scenarios: Array.from({ length: count }, (_, place) => scenario(random, place + 1)),
  };
};

/** How many calls a second of storm has: as many as the lab itself can check on one core. */
const callsPerSecond = 120;

/** The same as fast as it goes, for so many seconds: memory and descriptors must come back. */
export const stormRow = (seed: number, seconds: number): Row => ({
  ...pairsRow(seed, seconds * callsPerSecond),
  title: `a storm of ${seconds} s`,
  concurrency: 64,
  megabytes: 250,
});

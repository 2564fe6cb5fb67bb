import type { Row } from "../lab/scenario.ts";

/** Rows that are no matter of an upstream's faults: tests of their own prove them, beside what they are about. */
export const elsewhere: readonly Row[] = [
  { number: 23, title: "slow reader", bill: "D", testedBy: ["test/streams/slow-reader.test.ts"] },
  { number: 24, title: "slow headers or body", bill: "0", testedBy: ["test/streams/slow-request.test.ts"] },
  { number: 25, title: "huge request", bill: "0", testedBy: ["test/e2e/bad-input.test.ts"] },
  { number: 26, title: "deep JSON", bill: "0", testedBy: ["test/e2e/bad-input.test.ts"] },
  { number: 27, title: "invalid UTF-8, keys twice", bill: "0", testedBy: ["test/e2e/bad-input.test.ts"] },
  { number: 28, title: "requests that smuggle", bill: "0", testedBy: ["test/e2e/raw-socket.test.ts"] },
  { number: 29, title: "the same idempotency key", bill: "one", testedBy: ["test/e2e/idempotency.test.ts"] },
  {
    number: 30,
    title: "10,000 streams open at once",
    bill: "U",
    testedBy: ["test/held-streams/run.ts"],
  },
  { number: 31, title: "three times the load that can be served", bill: "0", testedBy: ["test/overload/run.ts"] },
  { number: 40, title: "killed while it writes", bill: "U/D", testedBy: ["test/kill/run.ts"] },
  {
    number: 41,
    title: "told to stop, with streams open",
    bill: "U/D",
    testedBy: ["test/streams/drain.test.ts", "test/kill/stop.test.ts"],
  },
  { number: 42, title: "bad configuration at a reload", bill: "–", testedBy: ["test/e2e/reload.test.ts"] },
  { number: 44, title: "a clock that is set", bill: "U", testedBy: ["test/budgets/clock.test.ts"] },
  { number: 45, title: "memory that runs short", bill: "0", testedBy: ["test/overload/memory.test.ts"] },
  {
    number: 46,
    title: "two processes, the last cent",
    bill: "U",
    testedBy: ["test/budgets/workers.test.ts", "bench/money/run.ts"],
  },
];

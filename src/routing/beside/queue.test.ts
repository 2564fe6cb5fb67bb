import { expect, test } from "bun:test";
import type { CancelSignal } from "../../core/cancel.ts";
import { BackgroundQueue } from "./queue.ts";

const begin = (isBusy = () => false) => {
  const failures: unknown[] = [];
  const queue = new BackgroundQueue({ isBusy, onFailed: (error) => failures.push(error) });
  const begun: { readonly name: string; readonly signal: CancelSignal; readonly end: () => void }[] = [];
  const work = (name: string, bytes = 10) => ({
    bytes,
    run: (signal: CancelSignal) =>
      new Promise<void>((resolve) => {
        begun.push({ name, signal, end: resolve });
        signal.addEventListener("abort", () => resolve());
      }),
  });
  return { queue, begun, work, failures };
};
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

test("a few pieces run at a time, the others wait in order", async () => {
  const { queue, begun, work } = begin();
  for (const name of "abcdef") expect(queue.offer(work(name))).toBe(true);
  // Never within: whoever offers goes on first.
  expect(begun.length).toBe(0);
  await soon();
  expect(begun.map(({ name }) => name).join("")).toBe("abcd");
  begun[1]?.end();
  await soon();
  expect(begun.map(({ name }) => name).join("")).toBe("abcde");
});

test("so many wait, and the rest is dropped", async () => {
  const { queue, begun, work } = begin();
  const taken = Array.from({ length: 150 }, (_, place) => queue.offer(work(String(place))));
  expect(taken.filter((one) => one).length).toBe(100);
  await soon();
  expect(begun.length).toBe(4);
  expect(queue.offer(work("later"))).toBe(true);
});

test("what would fill the memory is dropped", () => {
  const { queue, work } = begin();
  expect(queue.offer(work("too large", 5_000_000))).toBe(false);
  const taken = Array.from({ length: 20 }, (_, place) => queue.offer(work(String(place), 4_000_000)));
  expect(taken.filter((one) => one).length).toBe(8);
});

test("while there is much to do nothing is taken, and what waits is dropped", async () => {
  let busy = false;
  const { queue, begun, work } = begin(() => busy);
  for (const name of "abcdef") queue.offer(work(name));
  await soon();
  busy = true;
  expect(queue.offer(work("g"))).toBe(false);
  busy = false;
  for (const one of begun) one.end();
  await soon();
  expect(begun.length).toBe(4);
});

test("a piece that fails is told of, and the next one begins", async () => {
  const { queue, begun, work, failures } = begin();
  queue.offer({ bytes: 1, run: () => Promise.reject(new Error("no")) });
  for (const name of "abcd") queue.offer(work(name));
  await soon();
  expect(String(failures[0])).toContain("no");
  expect(begun.length).toBe(4);
});

test("stopped, it tells what runs to end, drops what waits and takes nothing", async () => {
  const { queue, begun, work } = begin();
  for (const name of "abcdef") queue.offer(work(name));
  await soon();
  queue.stop();
  expect(begun.every(({ signal }) => signal.aborted)).toBe(true);
  await queue.ended();
  expect(begun.length).toBe(4);
  expect(queue.offer(work("g"))).toBe(false);
});

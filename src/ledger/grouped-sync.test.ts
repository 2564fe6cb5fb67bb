import { expect, test } from "bun:test";
import { createGroupedSync } from "./grouped-sync.ts";

const start = () => {
  const runs: PromiseWithResolvers<void>[] = [];
  let appended = 0;
  const wait = createGroupedSync({
    count: () => appended,
    run: () => {
      const run = Promise.withResolvers<void>();
      runs.push(run);
      return run.promise;
    },
  });
  const sync = () => {
    appended += 1;
    return wait();
  };
  return { runs, sync, wait };
};

test("those who ask during a run share the next one", async () => {
  const { runs, sync, wait } = start();
  const first = sync();
  // Nothing was appended since: the run under way will do.
  expect(wait()).toBe(first);
  const [second, third] = [sync(), sync()];
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  await Promise.all([second, third]);
  const fourth = sync();
  expect(runs).toHaveLength(3);
  runs[2]?.resolve();
  await fourth;
});

test("a failed run fails those who waited for it, and no others", async () => {
  const { runs, sync } = start();
  const first = sync();
  const second = sync();
  runs[0]?.reject(new Error("disk"));
  await expect(first).rejects.toThrow("disk");
  await Promise.resolve();
  runs[1]?.resolve();
  await second;
});

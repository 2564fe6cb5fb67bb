import { expect, test } from "bun:test";
import { watchEventLoop } from "./event-loop-lag.ts";

const block = (milliseconds: number): void => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

test("says how late the loop is, within a round that is late and after it", async () => {
  const lags: number[] = [];
  const loop = watchEventLoop({ intervalMilliseconds: 10, onLag: (milliseconds) => lags.push(milliseconds) });
  await Bun.sleep(25);
  lags.length = 0;
  block(120);
  expect(loop.current()).toBeGreaterThan(90);
  await Bun.sleep(25);
  expect(Math.max(...lags)).toBeGreaterThan(90);
  loop.stop();
  const told = lags.length;
  await Bun.sleep(30);
  expect(lags.length).toBe(told);
});

test("keeps no program alive", async () => {
  const module = new URL("./event-loop-lag.ts", import.meta.url).pathname;
  const source = `import { watchEventLoop } from "${module}"; watchEventLoop({ intervalMilliseconds: 5, onLag() {} });`;
  const program = Bun.spawn([process.execPath, "-e", source]);
  expect(await program.exited).toBe(0);
});

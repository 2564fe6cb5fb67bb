import { expect, test } from "bun:test";
import type { Caller } from "../core/caller.ts";
import type { GatewayError } from "../core/errors.ts";
import { createOpenCalls } from "./open-calls.ts";

const setUp = () => {
  const gone = new Set<Caller>();
  let look: (() => void) | undefined;
  let isAway = false;
  const openCalls = createOpenCalls({
    stillStands: async (caller) => {
      if (isAway) throw new Error("the store is away");
      return !gone.has(caller);
    },
    every: (_, run) => {
      look = run;
      return {
        stop: () => {
          look = undefined;
        },
      };
    },
  });
  const tick = async (): Promise<void> => {
    look?.();
    await Bun.sleep(0);
  };
  const setAway = (now: "away" | "there"): void => {
    isAway = now === "away";
  };
  return { openCalls, gone, tick, setAway, isLooking: () => look !== undefined };
};
const caller = (keyId: string): Caller => ({ keyId }) as Caller;

test("a call ends when its key does, and the others go on", async () => {
  const { openCalls, gone, tick, setAway } = setUp();
  const [one, two] = [caller("one"), caller("two")];
  const ended: string[] = [];
  const watch = (who: Caller, name: string) => {
    const call = { abort: ({ code }: GatewayError) => void ended.push(`${name} ${code}`) };
    openCalls.watch(who, call);
    return call;
  };
  watch(one, "a");
  const over = watch(one, "b");
  watch(two, "c");
  await tick();
  expect(ended).toEqual([]);
  openCalls.leave(one, over);
  gone.add(one);
  setAway("away");
  await tick();
  expect(ended).toEqual([]);
  setAway("there");
  await tick();
  expect(ended).toEqual(["a invalid_api_key"]);
});

test("while no call is open nothing runs", async () => {
  const { openCalls, tick, isLooking } = setUp();
  expect(isLooking()).toBe(false);
  const [who, call] = [caller("one"), { abort: () => undefined }];
  openCalls.watch(who, call);
  expect(isLooking()).toBe(true);
  openCalls.leave(who, call);
  await tick();
  expect(isLooking()).toBe(false);
});

import { expect, test } from "bun:test";
import type { MemoryUse } from "../runtime/memory-use.ts";
import { type MemorySystem, watchMemory } from "./memory-watch.ts";

const open = (maxBytes: number | undefined, group?: () => MemoryUse | undefined) => {
  let resident = 0;
  let look: (() => void) | undefined;
  const told: MemoryUse[] = [];
  const system: MemorySystem = {
    resident: () => resident,
    group,
    every: (_, callback) => {
      look = callback;
      return () => {
        look = undefined;
      };
    },
  };
  const watch = watchMemory({ maxBytes, onShort: (use) => void told.push(use), system });
  return {
    watch,
    told,
    isLooking: () => look !== undefined,
    at: (bytes: number) => {
      resident = bytes;
      look?.();
      return watch.isShort();
    },
  };
};

test("memory is short from 85 % of the limit on, until it is below 80 %", () => {
  const { at, told } = open(1_000);
  expect([849, 850, 820, 800, 799, 840].map(at)).toEqual([false, true, true, true, false, false]);
  expect(told).toEqual([{ used: 850, limit: 1_000 }]);
});

test("whichever limit is nearer counts", () => {
  let used = 10;
  const { at } = open(1_000, () => ({ used, limit: 100 }));
  expect(at(100)).toBe(false);
  used = 90;
  expect(at(100)).toBe(true);
  used = 10;
  expect(at(900)).toBe(true);
});

test("nobody looks where nothing is limited, or when it is over", () => {
  expect(open(undefined).isLooking()).toBe(false);
  const watched = open(1_000);
  expect(watched.isLooking()).toBe(true);
  watched.watch.stop();
  expect(watched.isLooking()).toBe(false);
});

import { expect, test } from "bun:test";
import type { Demand, Reserved } from "../core/ports/limits.ts";
import { RemoteLimits } from "./limits.ts";

const demand: Demand = { id: "c", tokens: 1, claims: [] };
const open = (reserve: () => Promise<Reserved>) => {
  const said: unknown[] = [];
  const limits = new RemoteLimits({
    "limits.reserve": async (question) => {
      said.push(question);
      return reserve();
    },
    "limits.settle": (settlement) => void said.push(settlement),
    "limits.release": (question) => void said.push(question),
  });
  return { limits, said };
};

test("asks once, and says once how it ended", async () => {
  const { limits, said } = open(async () => ({ kind: "granted", standing: {} }));
  expect(await limits.reserve(demand)).toEqual({ kind: "granted", standing: {} });
  limits.settle({ id: "c", tokens: 5, unused: [] });
  limits.release("c");
  expect(said).toEqual([demand, { id: "c", tokens: 5, unused: [] }, { id: "c" }]);
});

test("gives back what may have been granted while nobody heard of it, and fails", async () => {
  const { limits, said } = open(async () => {
    throw new Error("late");
  });
  await expect(limits.reserve(demand)).rejects.toThrow("late");
  expect(said).toEqual([demand, { id: "c" }]);
});

import { expect, test } from "bun:test";
import { type Action, carryOut } from "./cascade.ts";

const pair: Action = { kind: "agree", candidates: [0, 1, 2] };
const vote: Action = { kind: "vote", candidates: [0, 1, 2, 3] };
const guard: Action = { kind: "vote", candidates: [0, 1, 2], otherwise: 1 };

test.each([
  ["single: nothing is compared", { kind: "single", candidates: [2] } as Action, "", 1, 2],
  ["two agree", pair, "AAB", 2, 1],
  ["two differ: the last one's answer", pair, "ABA", 3, 2],
  ["missing answers equal none", pair, "--C", 3, 2],
  ["the third agrees with the first", vote, "ABAC", 3, 2],
  ["no two agree: the last one's answer", vote, "ABCD", 4, 3],
  ["a guard: the best and its helper agree", guard, "AAB", 2, 1],
  ["a guard: both others against the best", guard, "ABA", 3, 2],
  ["a guard: the third is with the best", guard, "ABB", 3, 2],
  ["a guard: all differ, the best counts", guard, "ABC", 3, 1],
])("%s", (_, action, answers, asked, answer) => {
  const same = (one: number, other: number): boolean => answers[one] !== "-" && answers[one] === answers[other];
  expect(carryOut(action, same)).toEqual({ asked, answer });
});

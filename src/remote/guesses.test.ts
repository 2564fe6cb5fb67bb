import { expect, test } from "bun:test";
import type { GuessTally } from "../core/ports/guesses.ts";
import { RemoteGuesses } from "./guesses.ts";

const setUp = () => {
  const asked: (readonly string[])[] = [];
  const answers: { resolve: (tallies: readonly GuessTally[]) => void; reject: (error: Error) => void }[] = [];
  let own = 0;
  const guesses = new RemoteGuesses(
    {
      "guesses.note": ({ addresses }) => {
        asked.push(addresses);
        return new Promise((resolve, reject) => answers.push({ resolve, reject }));
      },
    },
    { note: () => ({ ofAddress: ++own, inAll: own }) },
  );
  return { guesses, asked, answers };
};
const tally = (count: number): GuessTally => ({ ofAddress: count, inAll: count + 100 });

test("asks at once, and then once for all that failed meanwhile, each with its own tally", async () => {
  const { guesses, asked, answers } = setUp();
  const first = guesses.note("a");
  const others = [guesses.note("a"), guesses.note("b"), guesses.note("a")];
  expect(asked).toEqual([["a"]]);
  answers[0]?.resolve([tally(1)]);
  expect(await first).toEqual(tally(1));
  expect(asked).toEqual([["a"], ["a", "b", "a"]]);
  answers[1]?.resolve([tally(2), tally(3), tally(4)]);
  expect(await Promise.all(others)).toEqual([tally(2), tally(3), tally(4)]);
  void guesses.note("c");
  expect(asked[2]).toEqual(["c"]);
});

test("goes by its own count where nobody answers, and asks again for the next", async () => {
  const { guesses, asked, answers } = setUp();
  const [first, second] = [guesses.note("a"), guesses.note("a")];
  answers[0]?.reject(new Error("gone"));
  expect(await first).toEqual({ ofAddress: 1, inAll: 1 });
  answers[1]?.resolve([]);
  expect(await second).toEqual({ ofAddress: 2, inAll: 2 });
  const third = guesses.note("a");
  answers[2]?.resolve([tally(9)]);
  expect(await third).toEqual(tally(9));
  expect(asked).toHaveLength(3);
});

import { expect } from "bun:test";
import { ask, chat, eventually, send } from "../e2e/ask.ts";
import { chooseSeed, SeededRandom } from "../support/seeded-random.ts";
import type { RunningGateway } from "../support/start-gateway.ts";

const body = (fields: object) => ({
  model: "mock/mock-llama",
  messages: [{ role: "user", content: "hello" }],
  ...fields,
});

/** Makes calls that end in every way, many of them by the client's leaving. Gives how many were let on. */
const storm = async (gateway: RunningGateway, calls: number): Promise<number> => {
  const random = new SeededRandom(chooseSeed(process.env["SEED"]));
  console.log(`seed ${random.seed}`);
  const ways = [
    { mock: { delayMilliseconds: 60 } },
    { stream: true, mock: { tokensPerSecond: 200, words: 20 } },
    { stream: true, mock: { tokensPerSecond: 200, words: 20, cut: { afterChunks: 3 } } },
    { mock: { fail: { status: 400 } } },
  ] as const;
  const statuses = await Promise.all(
    Array.from({ length: calls }, async () => {
      const leaving = new AbortController();
      const way = random.pick(ways);
      if (random.next() < 0.5) setTimeout(() => leaving.abort(), random.between(0, 100));
      await Bun.sleep(random.between(0, 400));
      const headers = { connection: "close" };
      const answer = send(gateway, chat, { body: body(way), signal: leaving.signal, headers });
      return answer.then(
        async (response) => {
          await response.text().catch(() => undefined);
          return response.status;
        },
        () => undefined,
      );
    }),
  );
  return statuses.filter((status) => status === 200).length;
};

/** After a storm of calls that ended in every way, as many may be open at once as before: not one more or less. */
export const expectAllPlacesFree = async (gateway: RunningGateway, places: number): Promise<void> => {
  expect(await storm(gateway, 250)).toBeGreaterThan(places);
  const together = async (): Promise<number> => {
    const slow = { body: body({ mock: { delayMilliseconds: 1_500 } }) };
    const all = await Promise.all(Array.from({ length: places + 5 }, () => ask(gateway, chat, slow)));
    return all.filter(({ status }) => status === 200).length;
  };
  // A client's leaving takes a moment to be noticed.
  await eventually("no place is lost", async () => {
    const open = await together();
    expect(open).toBeLessThanOrEqual(places);
    return open === places;
  });
};

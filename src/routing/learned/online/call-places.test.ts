import { expect, test } from "bun:test";
import { SeededRandom } from "../../../../test/support/seeded-random.ts";
import { CallPlaces } from "./call-places.ts";

test.each([1, 2, 3])("calls come, go and are found as in a map, seed %p", (seed) => {
  const random = new SeededRandom(seed);
  const places = new CallPlaces();
  const known = new Map<string, number>();
  const free = Array.from({ length: 3_000 }, (_, place) => place);
  for (let step = 0; step < 30_000; step++) {
    const id = `req_${random.between(0, 4_000)}`;
    const place = known.get(id);
    expect(places.find(id)).toBe(place);
    if (place === undefined) {
      const next = free.pop();
      if (next === undefined) continue;
      places.put(id, next);
      known.set(id, next);
    } else if (random.next() < 0.6) {
      places.remove(place);
      known.delete(id);
      free.push(place);
    }
    expect(places.size).toBe(known.size);
  }
  for (const [id, place] of known) expect([places.find(id), places.has(place)]).toEqual([place, true]);
  for (const place of free) expect(places.has(place)).toBe(false);
});

test("100,000 ids of the program are all told apart", () => {
  const places = new CallPlaces();
  const idOf = (number: number): string => `req_01a2172a${(number * 7_919).toString(16).padStart(24, "0")}`;
  for (let number = 0; number < 100_000; number++) {
    expect(places.find(idOf(number))).toBeUndefined();
    places.put(idOf(number), number);
  }
  for (let number = 0; number < 100_000; number += 997) expect(places.find(idOf(number))).toBe(number);
});

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from "fast-check";
import type { IdempotencyStore, KeyEntry } from "../../src/core/ports/idempotency.ts";

export interface OpenedIdempotency {
  readonly store: IdempotencyStore;
  /** The same entries through another connection. */
  readonly elsewhere: IdempotencyStore;
  close(): void;
}

type Hold = KeyEntry & { readonly owner: string };

const hold = (id: string, changes: Partial<Hold> = {}): Hold => ({
  id,
  fingerprint: `fingerprint-${id}`,
  callId: "call-1",
  owner: "process-1",
  expiresAt: 1_000,
  answer: null,
  ...changes,
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const found = async (store: IdempotencyStore, id: string): Promise<KeyEntry | undefined> => {
  const entry = await store.find(id);
  return entry?.answer ? { ...entry, answer: Uint8Array.from(entry.answer) } : entry;
};

/** The port in a few lines: what every implementation is compared with. */
class Model {
  readonly entries = new Map<string, KeyEntry>();

  #held(id: string, callId: string): KeyEntry | undefined {
    const entry = this.entries.get(id);
    return entry !== undefined && entry.owner !== null && entry.callId === callId ? entry : undefined;
  }
  take(entry: Hold, instead: string | null): boolean {
    const present = this.entries.get(entry.id);
    if (present !== undefined && present.callId !== instead) return false;
    this.entries.set(entry.id, entry);
    return true;
  }
  finish({ id, callId, expiresAt, answer }: Omit<KeyEntry, "fingerprint" | "owner">): boolean {
    const entry = this.#held(id, callId);
    if (entry !== undefined) this.entries.set(id, { ...entry, owner: null, expiresAt, answer });
    return entry !== undefined;
  }
  release(id: string, callId: string): boolean {
    return this.#held(id, callId) !== undefined && this.entries.delete(id);
  }
  renew(owner: string, expiresAt: number): void {
    for (const [id, entry] of this.entries) if (entry.owner === owner) this.entries.set(id, { ...entry, expiresAt });
  }
  owners(): { owner: string; expiresAt: number }[] {
    const latest = new Map<string, number>();
    for (const { owner, expiresAt } of this.entries.values())
      if (owner !== null) latest.set(owner, Math.max(latest.get(owner) ?? 0, expiresAt));
    return [...latest].map(([owner, expiresAt]) => ({ owner, expiresAt }));
  }
  abandon(owner: string): void {
    for (const [id, entry] of this.entries) if (entry.owner === owner) this.entries.delete(id);
  }
  sweep(now: number): number {
    const over = [...this.entries.values()].filter(({ owner, expiresAt }) => owner === null && expiresAt <= now);
    for (const { id } of over) this.entries.delete(id);
    return over.length;
  }
}

const ids = constantFrom("key-a", "key-b", "key-c");
const calls = constantFrom("call-1", "call-2", "call-3");
const owners = constantFrom("process-1", "process-2");
const times = integer({ min: 0, max: 5 });
const answers = constantFrom(null, "", "an answer");
const side = constantFrom("here" as const, "elsewhere" as const);
const common = { id: ids, callId: calls, side };
const steps = oneof(
  record({
    do: constantFrom("take" as const),
    owner: owners,
    at: times,
    instead: oneof(calls, constantFrom(null)),
    ...common,
  }),
  record({ do: constantFrom("finish" as const), at: times, answer: answers, ...common }),
  record({ do: constantFrom("release" as const), ...common }),
  record({ do: constantFrom("renew" as const), owner: owners, at: times, side }),
  record({ do: constantFrom("abandon" as const), owner: owners, side }),
  record({ do: constantFrom("sweep" as const), at: times, side }),
);
type Step = typeof steps extends { generate(...args: never): { value: infer Value } } ? Value : never;

/** Takes one step of both, and gives what each said. */
const takeStep = async (step: Step, store: IdempotencyStore, model: Model): Promise<readonly [unknown, unknown]> => {
  switch (step.do) {
    case "take": {
      const entry = hold(step.id, { callId: step.callId, owner: step.owner, expiresAt: step.at });
      return [await store.take(entry, step.instead), model.take(entry, step.instead)];
    }
    case "finish": {
      const answer = step.answer === null ? null : bytes(step.answer);
      const ending = { id: step.id, callId: step.callId, expiresAt: step.at, answer };
      return [await store.finish(ending), model.finish(ending)];
    }
    case "release":
      return [await store.release(step), model.release(step.id, step.callId)];
    case "renew":
      return [await store.renew(step.owner, step.at), model.renew(step.owner, step.at)];
    case "abandon":
      return [await store.abandon(step.owner), model.abandon(step.owner)];
    case "sweep":
      return [await store.sweep(step.at, 100), model.sweep(step.at)];
  }
};

const byOwner = <Holder extends { readonly owner: string }>(holders: readonly Holder[]): readonly Holder[] =>
  holders.toSorted((left, right) => left.owner.localeCompare(right.owner));

/** What every implementation of IdempotencyStore does. */
export const describeIdempotencyStore = (name: string, open: () => OpenedIdempotency): void => {
  describe(name, () => {
    let opened: OpenedIdempotency;
    let store: IdempotencyStore;
    beforeEach(() => {
      opened = open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    test("a key is taken once, seen from everywhere, and given back whole", async () => {
      const entry = hold("a");
      expect(await store.find("a")).toBeUndefined();
      expect(await store.take(entry, null)).toBe(true);
      expect(await opened.elsewhere.take({ ...entry, callId: "call-2" }, null)).toBe(false);
      expect(await opened.elsewhere.find("a")).toEqual(entry);
      const answer = Uint8Array.from({ length: 256 }, (_, index) => index);
      expect(await store.finish({ id: "a", callId: "call-1", expiresAt: 9_000, answer })).toBe(true);
      expect(await found(opened.elsewhere, "a")).toEqual({ ...entry, owner: null, expiresAt: 9_000, answer });
    });

    test("of many that take a key at the same time one gets it, also in the place of the same dead call", async () => {
      const race = async (instead: string | null, names: string) => {
        const attempts = Array.from({ length: 50 }, (_, index) => {
          const through = index % 2 === 0 ? store : opened.elsewhere;
          return through.take(hold("a", { callId: `${names}-${index}` }), instead);
        });
        return (await Promise.all(attempts)).filter(Boolean).length;
      };
      expect(await race(null, "first")).toBe(1);
      expect(await race((await store.find("a"))?.callId ?? "", "second")).toBe(1);
    });

    test("whoever lost a key neither ends nor frees it", async () => {
      await store.take(hold("a"), null);
      await store.take(hold("a", { callId: "call-2" }), "call-1");
      expect(await store.finish({ id: "a", callId: "call-1", expiresAt: 1, answer: null })).toBe(false);
      expect(await store.release({ id: "a", callId: "call-1" })).toBe(false);
      expect((await store.find("a"))?.callId).toBe("call-2");
    });

    test("sweeps so many at most, and never what is held", async () => {
      for (let index = 0; index < 5; index++) {
        await store.take(hold(`done-${index}`), null);
        await store.finish({ id: `done-${index}`, callId: "call-1", expiresAt: 500, answer: bytes("x") });
      }
      await store.take(hold("held", { expiresAt: 1 }), null);
      expect([await store.sweep(499, 3), await store.sweep(500, 3), await store.sweep(500, 3)]).toEqual([0, 3, 2]);
      expect(await store.find("held")).toBeDefined();
      await store.flushed();
    });

    test("any order of steps, from any side, does what the model does", async () => {
      await assert(
        asyncProperty(array(steps, { maxLength: 30 }), async (drawn) => {
          const model = new Model();
          for (const owner of await store.owners()) await store.abandon(owner.owner);
          await store.sweep(Number.MAX_SAFE_INTEGER, 1_000);
          for (const step of drawn) {
            const [said, expected] = await takeStep(step, step.side === "here" ? store : opened.elsewhere, model);
            expect(said).toEqual(expected);
          }
          for (const id of ["key-a", "key-b", "key-c"]) expect(await found(store, id)).toEqual(model.entries.get(id));
          expect(byOwner(await store.owners())).toEqual(byOwner(model.owners()));
        }),
        { numRuns: 200 },
      );
    });
  });
};

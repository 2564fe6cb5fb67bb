import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { GatewayError } from "../core/errors.ts";
import type { IdempotencyStore } from "../core/ports/idempotency.ts";
import type { OpenIdempotency } from "./create-idempotency.ts";
import { idempotencySchema } from "./settings.ts";
import { answerOf, heldBy, keyed, type Opened, openProcesses, textOf } from "./testing.ts";

let opened: Opened;
let own: OpenIdempotency;
beforeEach(() => {
  opened = openProcesses();
  own = opened.process("own");
});
afterEach(() => opened.close());

const refuses = (claim: Promise<unknown>, code: string) => expect(claim).rejects.toMatchObject({ code });
const finish = async (idempotency: OpenIdempotency, text = "said") => {
  const request = keyed();
  await heldBy(await idempotency.claim(request)).save(answerOf(text));
  return request.callId;
};

describe("claim", () => {
  test("holds, then replays with the id of the first call", async () => {
    const first = await finish(own);
    const again = await own.claim(keyed());
    expect([textOf(again), again?.kind === "saved" && again.callId]).toEqual(["said", first]);
    expect(textOf(await opened.process("other").claim(keyed()))).toBe("said");
  });

  test("refuses while a call goes on, in this process or another; another body always", async () => {
    const held = heldBy(await own.claim(keyed()));
    await refuses(own.claim(keyed()), "idempotency_in_flight");
    await refuses(opened.process("other").claim(keyed()), "idempotency_in_flight");
    await refuses(own.claim(keyed({ body: '{"a":1}' })), "idempotency_mismatch");
    await held.save(answerOf("said"));
    await refuses(own.claim(keyed({ body: '{"a":1}' })), "idempotency_mismatch");
    await refuses(own.claim(keyed({ path: "/v1/messages" })), "idempotency_mismatch");
    expect(heldBy(await own.claim(keyed({ caller: { tenant: "other" } })))).toBeDefined();
    expect(heldBy(await own.claim(keyed({ caller: { keyId: null } })))).toBeDefined();
  });

  test("of save and release the first counts", async () => {
    const held = heldBy(await own.claim(keyed()));
    await held.save(answerOf("said"));
    held.release();
    await held.save(answerOf("unsaid"));
    expect(textOf(await own.claim(keyed()))).toBe("said");
    const freed = heldBy(await own.claim(keyed({ key: "two" })));
    freed.release();
    await freed.save(answerOf("late"));
    expect(heldBy(await own.claim(keyed({ key: "two", body: "another" })))).toBeDefined();
  });

  test.each([
    ["exactly the limit", 100, "x".repeat(100)],
    ["over the limit", 101, undefined],
  ])("keeps an answer of %s as it should", async (_, length, kept) => {
    await finish(own, "x".repeat(length));
    if (kept === undefined) await refuses(own.claim(keyed()), "idempotency_not_stored");
    else expect(textOf(await own.claim(keyed()))).toBe(kept);
  });

  test("an answer that was too long to be gathered is not kept either", async () => {
    await heldBy(await own.claim(keyed())).save(undefined);
    await refuses(own.claim(keyed()), "idempotency_not_stored");
  });

  test.each([
    ["", "is empty"],
    ["k".repeat(256), "256 characters"],
    ["a\u0000", "control"],
    ["a\u0085b", "control"],
  ])("refuses the key %j", async (key, said) => {
    const thrown = await own.claim(keyed({ key })).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "invalid_value", param: "Idempotency-Key" });
    expect((thrown as Error).message).toContain(said);
  });

  test.each(["k".repeat(255), "a b", "é", '"quoted"'])("takes the key %j", async (key) => {
    expect(heldBy(await own.claim(keyed({ key })))).toBeDefined();
  });

  test("an expired answer is as good as none, for any body", async () => {
    await finish(own);
    opened.pass(59_999);
    expect(textOf(await own.claim(keyed()))).toBe("said");
    opened.pass(1);
    expect(heldBy(await own.claim(keyed({ body: "another" })))).toBeDefined();
  });

  test("switched off, nothing is looked at", async () => {
    const off = opened.process("off", { settings: () => idempotencySchema.parse({ enabled: false }) });
    expect(await off.claim(keyed({ key: "" }))).toBeUndefined();
  });

  test("an answer that cannot be read any more is not run again in silence", async () => {
    const callId = await finish(own);
    const spoilt: IdempotencyStore = {
      ...opened.store,
      find: async (id) => {
        const found = await opened.store.find(id);
        return found === undefined ? undefined : { ...found, answer: new Uint8Array(40) };
      },
    };
    const thrown = await opened
      .process("own", { store: spoilt })
      .claim(keyed())
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "idempotency_not_stored" });
    expect((thrown as Error).message).toContain(callId);
    expect(opened.problems).toHaveLength(1);
  });
});

describe("a process that ends", () => {
  test("gives its keys up when it is seen to be dead, and can take nothing back", async () => {
    const lost = heldBy(await opened.process("other").claim(keyed()));
    opened.seen.set("other", "dead");
    const held = heldBy(await own.claim(keyed()));
    await lost.save(answerOf("from the grave"));
    await refuses(opened.process("third").claim(keyed()), "idempotency_in_flight");
    await held.save(answerOf("said"));
    expect(textOf(await own.claim(keyed()))).toBe("said");
  });

  test("gives them up after a minute without a word where it cannot be seen", async () => {
    const other = opened.process("other");
    heldBy(await other.claim(keyed()));
    opened.seen.set("other", "elsewhere");
    opened.pass(59_000);
    await other.upkeep();
    opened.pass(59_000);
    await refuses(own.claim(keyed()), "idempotency_in_flight");
    opened.pass(1_000);
    expect(heldBy(await own.claim(keyed()))).toBeDefined();
  });

  test("upkeep removes what the dead held and what expired, however much", async () => {
    for (let index = 0; index < 250; index++)
      await heldBy(await own.claim(keyed({ key: `done-${index}` }))).save(answerOf("x"));
    heldBy(await own.claim(keyed({ key: "open" })));
    heldBy(await opened.process("other").claim(keyed()));
    opened.seen.set("other", "dead");
    await own.upkeep();
    expect((await opened.store.owners()).map(({ owner }) => owner)).toEqual(["own"]);
    expect(await opened.store.sweep(0, 1_000)).toBe(0);
    opened.pass(60_000);
    await own.upkeep();
    expect(await opened.store.sweep(Number.MAX_SAFE_INTEGER, 1_000)).toBe(0);
    expect(await opened.store.owners()).toHaveLength(1);
    expect(opened.problems).toEqual([]);
  });
});

describe("a database that cannot be written", () => {
  const full = () => new GatewayError("storage_unavailable", "The disk is full.");
  const withFaults = () => {
    let isFull = false;
    const guard = <Result>(work: () => Result): Result => {
      if (isFull) throw full();
      return work();
    };
    const store: IdempotencyStore = {
      ...opened.store,
      finish: (ending) => guard(() => opened.store.finish(ending)),
      release: (hold) => guard(() => opened.store.release(hold)),
    };
    return {
      faulty: opened.process("own", { store }),
      fill: () => {
        isFull = true;
      },
      free: () => {
        isFull = false;
      },
    };
  };

  test("a key whose answer is lost never runs again; a freed one does, once it can be written", async () => {
    const { faulty, fill, free } = withFaults();
    const [answered, failed] = [heldBy(await faulty.claim(keyed())), heldBy(await faulty.claim(keyed({ key: "two" })))];
    fill();
    await answered.save(answerOf("said"));
    failed.release();
    await faulty.upkeep();
    await refuses(faulty.claim(keyed()), "idempotency_in_flight");
    await refuses(faulty.claim(keyed({ key: "two" })), "idempotency_in_flight");
    expect(opened.problems.length).toBeGreaterThan(1);
    free();
    await faulty.upkeep();
    await refuses(faulty.claim(keyed()), "idempotency_not_stored");
    expect(heldBy(await faulty.claim(keyed({ key: "two" })))).toBeDefined();
  });

  test("the end waits for calls that end, and for what is being written", async () => {
    let isWritten = false;
    const slow: IdempotencyStore = {
      ...opened.store,
      finish: async (ending) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        isWritten = true;
        return opened.store.finish(ending);
      },
    };
    const idempotency = opened.process("own", { store: slow });
    const held = heldBy(await idempotency.claim(keyed()));
    setTimeout(() => void held.save(answerOf("said")), 20);
    await idempotency.settled();
    expect(isWritten).toBe(true);
    expect(textOf(await idempotency.claim(keyed()))).toBe("said");
  });
});

import { describe, expect, test } from "bun:test";
import type { Caller } from "../core/caller.ts";
import { allPermissions, type Permission } from "../core/permissions.ts";
import type { CallOwner, Feedback, FeedbackAdded } from "../core/ports/learning.ts";
import type { Limits } from "../core/ports/limits.ts";
import { createFeedbackDesk } from "./feedback-desk.ts";

const caller = (changes: Partial<Caller> = {}): Caller => ({
  tenant: "default",
  team: null,
  keyId: "key-1",
  userId: null,
  role: "developer",
  permissions: new Set<Permission>(["feedback.write"]),
  everywhere: false,
  routes: null,
  models: null,
  ...changes,
});
const owners: readonly CallOwner[] = [
  { callId: "mine", tenant: "default", keyId: "key-1", userId: null },
  { callId: "ada's", tenant: "default", keyId: "key-2", userId: "ada" },
  { callId: "open", tenant: "default", keyId: null, userId: null },
  { callId: "foreign", tenant: "acme", keyId: "key-1", userId: "ada" },
];
const reader = new Set<Permission>(["feedback.write", "calls.read"]);

/** Counts requests for a window's length from the first one on. */
const countInWindows = (now: () => number): Limits => {
  const windows = new Map<string, { readonly since: number; count: number }>();
  return {
    reserve({ claims }) {
      const [claim] = claims;
      const { subject = "", windowMilliseconds = 0, requests = 0 } = claim ?? {};
      const known = windows.get(subject);
      const window =
        known !== undefined && now() - known.since < windowMilliseconds ? known : { since: now(), count: 0 };
      windows.set(subject, window);
      const standing = {};
      if (window.count >= requests)
        return {
          ...{ kind: "refused", claim: 0, amount: "requests", standing },
          waitMilliseconds: window.since + windowMilliseconds - now(),
        };
      window.count += 1;
      return { kind: "granted", standing };
    },
    settle: () => undefined,
    release: () => undefined,
  };
};

const open = (answer: FeedbackAdded = "added", perMinute = 1_000) => {
  const added: Feedback[] = [];
  let now = 0;
  let id = 0;
  const desk = createFeedbackDesk({
    ownerOf: async (callId) => owners.find((owner) => owner.callId === callId),
    add: async (feedback) => {
      added.push(feedback);
      return answer;
    },
    limits: countInWindows(() => now),
    perMinute: () => perMinute,
    newId: () => String(id++),
    now: () => 7,
  });
  return {
    desk,
    added,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};
const codeOf = (thrown: unknown): unknown => (thrown as { code?: unknown }).code;

describe("who may judge which call", () => {
  const cases: readonly [string, Partial<Caller>, readonly string[]][] = [
    ["a key", {}, ["mine"]],
    ["another key", { keyId: "key-9" }, []],
    ["a user with another key", { keyId: "key-9", userId: "ada" }, ["ada's"]],
    ["a user of the same name elsewhere", { tenant: "acme", keyId: "key-9", userId: "ada" }, ["foreign"]],
    ["nobody in particular", { keyId: null }, ["open"]],
    ["who sees the tenant's calls", { keyId: "key-9", permissions: reader }, ["mine", "ada's", "open"]],
    ["the platform, without seeing calls", { keyId: "key-9", everywhere: true }, []],
    ["the platform", { keyId: null, everywhere: true, permissions: allPermissions }, owners.map((o) => o.callId)],
  ];
  test.each(cases)("%s", async (_, changes, allowed) => {
    const { desk, added } = open();
    const messages = new Set<string>();
    for (const callId of [...owners.map((owner) => owner.callId), "unknown", "__proto__"]) {
      const outcome = await desk.take({ callId, rating: 1 }, caller(changes)).catch((error: unknown) => error);
      if (allowed.includes(callId)) expect(outcome).toEqual([{ source: "rating", reward: 1, status: "added" }]);
      else {
        expect(codeOf(outcome)).toBe("not_found");
        messages.add((outcome as Error).message);
      }
    }
    // Nobody learns whether a foreign call is there.
    expect(messages.size).toBe(1);
    expect(added.map(({ callId }) => callId)).toEqual([...allowed]);
    for (const { callId, tenant } of added)
      expect(tenant).toBe(owners.find((one) => one.callId === callId)?.tenant ?? "");
  });
});

describe("what is taken", () => {
  test("each kind of word by itself, with ids that do not meet", async () => {
    const { desk, added } = open();
    await desk.take({ callId: "mine", rating: 0.5, outcome: 1, corrected: true }, caller());
    await desk.take({ callId: "mine", corrected: true, id: "x" }, caller());
    await desk.take({ callId: "ada's", rating: 1, id: "rating" }, caller({ userId: "ada" }));
    expect(added.map(({ source, reward, giver }) => [source, reward, giver])).toEqual([
      ["verifier", 1, "key:key-1"],
      ["rating", 0.5, "key:key-1"],
      ["rating", 0, "key:key-1"],
      ["rating", 1, "user:ada"],
    ]);
    expect(new Set(added.map(({ id }) => id)).size).toBe(4);
    expect(added[0]).toMatchObject({ tenant: "default", at: 7 });
  });

  test("the same again is known; too much of one call is refused for good", async () => {
    expect(await open("known").desk.take({ callId: "mine", rating: 1 }, caller())).toMatchObject([{ status: "known" }]);
    const full: unknown = await open("full")
      .desk.take({ callId: "mine", rating: 1 }, caller())
      .catch((error: unknown) => error);
    expect(full).toMatchObject({ code: "rate_limit_exceeded", retryAfterMilliseconds: Number.POSITIVE_INFINITY });
  });

  test("so much a minute, guesses included, and each giver by itself", async () => {
    const { desk, pass } = open("added", 3);
    const give = (callId: string, changes: Partial<Caller> = {}) =>
      desk.take({ callId, rating: 1 }, caller(changes)).then(
        () => "taken",
        (error: unknown) => error,
      );
    expect(codeOf(await give("guessed"))).toBe("not_found");
    expect(await give("mine")).toBe("taken");
    expect(await give("mine")).toBe("taken");
    const refused = await give("mine");
    expect(refused).toMatchObject({ code: "rate_limit_exceeded" });
    expect((refused as { retryAfterMilliseconds: number }).retryAfterMilliseconds).toBeLessThanOrEqual(60_000);
    expect(await give("ada's", { keyId: "key-2" })).toBe("taken");
    pass(61_000);
    expect(await give("mine")).toBe("taken");
  });
});

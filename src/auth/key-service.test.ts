import { describe, expect, test } from "bun:test";
import { GatewayError } from "../core/errors.ts";
import type { KeySpecification } from "../core/ports/keys.ts";
import { digestKey } from "./api-key.ts";
import { FakeKeyStore } from "./fake-key-store.ts";
import { createKeyService } from "./key-service.ts";

const pepper = new Uint8Array(32).fill(3);
const day = 86_400_000;

const setUp = () => {
  const store = new FakeKeyStore();
  const time = { now: Date.UTC(2026, 10, 1) };
  const clock = { monotonic: () => 0, wall: () => time.now };
  let changes = 0;
  const service = createKeyService({ store, pepper, clock, onChanged: () => (changes += 1) });
  return { store, service, time, changes: () => changes };
};
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "ok",
    (thrown: unknown) => (thrown instanceof GatewayError ? thrown.code : thrown),
  );

describe("keys", () => {
  test("a new key is shown once and kept as a digest only", async () => {
    const { service, store } = setUp();
    const made = await service.make({ name: " laptop " });
    expect(made.key).toMatch(/^ir-[A-Za-z0-9_-]{43}$/);
    expect(made).toMatchObject({ name: "laptop", role: "developer", suffix: made.key.slice(-4), state: "active" });
    expect(store.records.get(made.id)?.digest).toBe(digestKey(pepper, made.key));
    for (const shown of [await service.list(), await service.get(made.id), [...store.records.values()]])
      expect(JSON.stringify(shown)).not.toContain(made.key);
    expect(JSON.stringify(await service.list())).not.toContain("digest");
  });

  test("the same key under another pepper has another digest", () => {
    expect(digestKey(pepper, "ir-key")).not.toBe(digestKey(new Uint8Array(32), "ir-key"));
  });

  test("a rotated key keeps its rights and its time to live, also through an overlap", async () => {
    const { service, time } = setUp();
    const expiresAt = time.now + 90 * day;
    const first = await service.make({
      name: "build",
      role: "admin",
      team: "ci",
      routes: ["fast"],
      models: ["m"],
      expiresAt,
    });
    time.now += 80 * day;
    const second = await service.rotate(first.id, { overlapSeconds: 3_600 });
    expect(second).toMatchObject({
      name: "build",
      role: "admin",
      team: "ci",
      routes: ["fast"],
      models: ["m"],
      rotatedFrom: first.id,
      createdAt: time.now,
      expiresAt: time.now + 90 * day,
    });
    expect((await service.get(first.id)).expiresAt).toBe(time.now + 3_600_000);
    expect(second.key).not.toBe(first.key);
  });

  test("only a key that stands and has no successor is rotated", async () => {
    const { service, time } = setUp();
    const rotated = await service.make({ name: "rotated" });
    await service.rotate(rotated.id, { overlapSeconds: 60 });
    const revoked = await service.make({ name: "revoked" });
    await service.revoke(revoked.id);
    const expired = await service.make({ name: "expired", expiresAt: time.now + 1 });
    time.now += 1;
    for (const { id } of [rotated, revoked, expired]) expect(await codeOf(service.rotate(id))).toBe("conflict");
    expect(await codeOf(service.rotate("key_none"))).toBe("not_found");
    const sound = await service.make({ name: "sound" });
    for (const overlapSeconds of [-1, Number.NaN])
      expect(await codeOf(service.rotate(sound.id, { overlapSeconds }))).toBe("invalid_value");
  });

  test("revoking twice keeps the first time", async () => {
    const { service, time, changes } = setUp();
    const { id } = await service.make({ name: "laptop" });
    const first = await service.revoke(id);
    time.now += 1_000;
    expect((await service.revoke(id)).revokedAt).toBe(first.revokedAt);
    expect(first.state).toBe("revoked");
    expect(changes()).toBe(3);
    expect(await codeOf(service.revoke("key_none"))).toBe("not_found");
  });

  const refused: readonly [string, KeySpecification][] = [
    ["an empty name", { name: "  " }],
    ["a long name", { name: "x".repeat(101) }],
    ["a control character", { name: "a\u001bb" }],
    ["no routes at all", { name: "a", routes: [] }],
    ["no models at all", { name: "a", models: [] }],
    ["an end in the past", { name: "a", expiresAt: 1 }],
    ["an end that is no time", { name: "a", expiresAt: Number.NaN }],
  ];
  for (const [what, specification] of refused)
    test(`${what} is refused`, async () => {
      const { service, store } = setUp();
      expect(await codeOf(service.make(specification))).toBe("invalid_value");
      expect(store.records.size).toBe(0);
    });
});

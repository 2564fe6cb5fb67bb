import { describe, expect, test } from "bun:test";
import { parseAddressRange } from "../core/address-range.ts";
import type { Caller } from "../core/caller.ts";
import type { ErrorCode } from "../core/errors.ts";
import { GatewayError } from "../core/errors.ts";
import type { KeyProfile } from "../core/key-scope.ts";
import type { TeamFields } from "../core/ports/directory-store.ts";
import type { KeyRecord } from "../core/ports/key-store.ts";
import { type AuthenticatorOptions, createAuthenticator, environmentKeyId } from "./authenticator.ts";
import { FakeKeyStore } from "./fake-key-store.ts";
import { createKeyService } from "./key-service.ts";

const pepper = new Uint8Array(32).fill(7);
const start = Date.UTC(2026, 10, 1);
const peer = { remoteAddress: "203.0.113.9" };

const setUp = (options: Partial<AuthenticatorOptions> & { readonly store?: FakeKeyStore } = {}) => {
  const store = options.store ?? new FakeKeyStore();
  let elapsed = 0;
  const clock = { monotonic: () => elapsed, wall: () => start + elapsed };
  const authenticator = createAuthenticator({ pepper, clock, openAccess: false, ...options, store });
  const service = createKeyService({ store, pepper, clock, onChanged: authenticator.invalidate });
  /** Keys as another process changes them: nobody tells our authenticator. */
  const elsewhere = createKeyService({ store, pepper, clock, onChanged: () => {} });
  const pass = (milliseconds: number): void => {
    elapsed += milliseconds;
  };
  const call = async (headers: Record<string, string> = {}, url = "http://127.0.0.1:8000/v1/models"): Promise<Caller> =>
    authenticator.authenticate({ headers: new Headers(headers), url }, peer);
  const outcome = async (headers: Record<string, string>, url?: string): Promise<ErrorCode | "ok"> => {
    try {
      await call(headers, url);
      return "ok";
    } catch (thrown) {
      if (thrown instanceof GatewayError) return thrown.code;
      throw thrown;
    }
  };
  const withKey = (key: string) => outcome({ authorization: `Bearer ${key}` });
  return { store, authenticator, service, elsewhere, pass, call, outcome, withKey };
};

describe("a caller with a key", () => {
  for (const manner of ["at once", "later"] as const)
    test(`carries what the key may do; store answers ${manner}`, async () => {
      const { service, call } = setUp({ store: new FakeKeyStore(manner) });
      const made = await service.make({ name: "laptop", team: "search", routes: ["fast"], models: ["m", "n"] });
      const expected = { tenant: "default", team: "search", keyId: made.id, role: "developer" } as const;
      for (const headers of [
        { authorization: `Bearer ${made.key}` },
        { authorization: `bearer  ${made.key}` },
        { "x-api-key": made.key },
      ]) {
        const caller = await call(headers as unknown as Record<string, string>);
        expect(caller).toMatchObject(expected);
        expect([...(caller.routes ?? [])]).toEqual(["fast"]);
        expect([...(caller.models ?? [])]).toEqual(["m", "n"]);
      }
    });

  test("answers without a promise where the store does", async () => {
    const { service, authenticator } = setUp();
    const { key } = await service.make({ name: "laptop" });
    const headers = new Headers({ authorization: `Bearer ${key}` });
    expect(authenticator.authenticate({ headers, url: "http://localhost/" }, peer)).not.toBeInstanceOf(Promise);
  });

  test("is looked up once, unknown keys likewise", async () => {
    const { service, store, withKey } = setUp();
    const { key } = await service.make({ name: "laptop" });
    for (let count = 0; count < 3; count++) {
      expect(await withKey(key)).toBe("ok");
      expect(await withKey("ir-unknown")).toBe("invalid_api_key");
    }
    expect(store.lookups).toBe(2);
  });

  test("is refused where the store gives another key's record", async () => {
    class CarelessStore extends FakeKeyStore {
      override byDigest(): KeyRecord | undefined {
        return [...this.records.values()][0];
      }
    }
    const { service, withKey } = setUp({ store: new CarelessStore() });
    const { key } = await service.make({ name: "laptop" });
    expect(await withKey(key)).toBe("ok");
    expect(await withKey("ir-unknown")).toBe("invalid_api_key");
  });

  test("is not pushed out of memory by guesses", async () => {
    const { service, store, withKey } = setUp({ cacheSize: 4 });
    const { key } = await service.make({ name: "laptop" });
    await withKey(key);
    for (let count = 0; count < 20; count++) await withKey(`ir-guess-${count}`);
    const before = store.lookups;
    expect(await withKey(key)).toBe("ok");
    expect(store.lookups).toBe(before);
    expect(await withKey("ir-guess-0")).toBe("invalid_api_key");
    expect(store.lookups).toBe(before + 1);
  });
});

describe("a key of a team", () => {
  const setUpTeam = () => {
    const fields = new Map<string, TeamFields>([["default/search", { name: "s", profile: { model: "a" } }]]);
    let version = 0;
    let finds = 0;
    const teams: NonNullable<AuthenticatorOptions["teams"]> = {
      find: async (_, { tenant, id }) => {
        finds += 1;
        const found = fields.get(`${tenant}/${id}`);
        return found === undefined ? undefined : ({ tenant, id, fields: found } as never);
      },
      version: () => version,
    };
    const set = (profile: KeyProfile | undefined): void => {
      version += 1;
      if (profile === undefined) fields.clear();
      else fields.set("default/search", { name: "s", profile });
    };
    return { ...setUp({ teams }), set, finds: () => finds };
  };

  test("has the profile of both, which is asked for once", async () => {
    const { service, call, authenticator, finds } = setUpTeam();
    const profile = { model: "b", deniedModels: ["c"] };
    const { key } = await service.make({ name: "laptop", team: "search", profile });
    const headers = { authorization: `Bearer ${key}` };
    expect((await call(headers)).profile).toEqual({ model: "a", deniedModels: ["c"] });
    const head = { headers: new Headers(headers), url: "http://localhost/" };
    expect(authenticator.authenticate(head, peer)).not.toBeInstanceOf(Promise);
    expect(finds()).toBe(1);
  });

  test("follows its team within a quarter of a second, and ends with it", async () => {
    const { service, call, withKey, pass, set } = setUpTeam();
    const { key } = await service.make({ name: "laptop", team: "search" });
    const profileOf = async () => (await call({ authorization: `Bearer ${key}` })).profile;
    expect(await profileOf()).toEqual({ model: "a" });
    set({ routing: false });
    pass(250);
    expect(await profileOf()).toEqual({ routing: false });
    set(undefined);
    pass(250);
    expect(await withKey(key)).toBe("invalid_api_key");
  });

  test("asks for nothing where a key has no team", async () => {
    const { service, authenticator, finds } = setUpTeam();
    const { key } = await service.make({ name: "laptop" });
    const head = { headers: new Headers({ authorization: `Bearer ${key}` }), url: "http://localhost/" };
    expect(authenticator.authenticate(head, peer)).not.toBeInstanceOf(Promise);
    expect(finds()).toBe(0);
  });
});

describe("a key that ends", () => {
  test("revoked here: refused by the next request", async () => {
    const { service, withKey } = setUp();
    const { key, id } = await service.make({ name: "laptop" });
    expect(await withKey(key)).toBe("ok");
    await service.revoke(id);
    expect(await withKey(key)).toBe("invalid_api_key");
  });

  for (const manner of ["at once", "later"] as const)
    test(`revoked by another process: refused within a quarter of a second; store answers ${manner}`, async () => {
      const { service, elsewhere, withKey, pass } = setUp({ store: new FakeKeyStore(manner) });
      const { key, id } = await service.make({ name: "laptop" });
      expect(await withKey(key)).toBe("ok");
      await elsewhere.revoke(id);
      expect(await withKey(key)).toBe("ok");
      pass(250);
      expect(await withKey(key)).toBe("invalid_api_key");
    });

  test("made by another process: known within a quarter of a second, though it was refused before", async () => {
    const { elsewhere, store, withKey, pass, service } = setUp();
    await service.make({ name: "first" });
    const made = await elsewhere.make({ name: "second" });
    const record = store.records.get(made.id);
    store.records.delete(made.id);
    expect(await withKey(made.key)).toBe("invalid_api_key");
    if (record !== undefined) await store.insert(record);
    pass(250);
    expect(await withKey(made.key)).toBe("ok");
  });

  test("revoked while it is looked up: not remembered as good", async () => {
    const { service, store, call, withKey } = setUp();
    const { key, id } = await service.make({ name: "laptop" });
    let open = (): void => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = call({ authorization: `Bearer ${key}` });
    await service.revoke(id);
    open();
    store.gate = undefined;
    await early;
    expect(await withKey(key)).toBe("invalid_api_key");
  });

  test("expired: refused from that millisecond on, from memory too", async () => {
    const { service, withKey, pass } = setUp();
    const { key } = await service.make({ name: "laptop", expiresAt: start + 100 });
    pass(99);
    expect(await withKey(key)).toBe("ok");
    pass(1);
    expect(await withKey(key)).toBe("invalid_api_key");
  });

  test("rotated: the old one ends with the overlap, at once without one", async () => {
    const { service, withKey, pass } = setUp();
    const first = await service.make({ name: "laptop" });
    const second = await service.rotate(first.id, { overlapSeconds: 10 });
    pass(9_999);
    expect([await withKey(first.key), await withKey(second.key)]).toEqual(["ok", "ok"]);
    pass(1);
    expect([await withKey(first.key), await withKey(second.key)]).toEqual(["invalid_api_key", "ok"]);
    const third = await service.rotate(second.id);
    expect([await withKey(second.key), await withKey(third.key)]).toEqual(["invalid_api_key", "ok"]);
  });

  test("unknown, revoked and expired keys get the same answer to the letter", async () => {
    const { service, call, pass } = setUp();
    const revoked = await service.make({ name: "revoked" });
    await service.revoke(revoked.id);
    const expired = await service.make({ name: "expired", expiresAt: start + 1 });
    pass(1);
    const answers = [];
    for (const key of [revoked.key, expired.key, "ir-unknown"])
      answers.push(
        await call({ authorization: `Bearer ${key}` }).catch(
          (thrown: GatewayError) => `${thrown.code} ${thrown.message}`,
        ),
      );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toStartWith("invalid_api_key");
  });

  test("a store that is away refuses rather than trusts what it remembers", async () => {
    const { service, store, withKey, pass } = setUp();
    const { key } = await service.make({ name: "laptop" });
    expect(await withKey(key)).toBe("ok");
    pass(250);
    store.isAway = true;
    expect(await withKey(key)).toBe("storage_unavailable");
    store.isAway = false;
    expect(await withKey(key)).toBe("ok");
  });
});

describe("hostile headers", () => {
  const cases: readonly [string, Record<string, string>, ErrorCode][] = [
    ["none", {}, "missing_api_key"],
    ["another scheme", { authorization: "Basic dXNlcjpwYXNz" }, "invalid_api_key"],
    ["no token", { authorization: "Bearer" }, "invalid_api_key"],
    ["only spaces", { authorization: "Bearer    " }, "invalid_api_key"],
    ["two tokens", { authorization: "Bearer ir-one, Bearer ir-two" }, "invalid_api_key"],
    ["SQL", { authorization: "Bearer ' OR 1=1 --" }, "invalid_api_key"],
    ["SQL without spaces", { authorization: "Bearer '/**/OR/**/1=1--" }, "invalid_api_key"],
    ["100 kB", { authorization: `Bearer ${"a".repeat(100_000)}` }, "invalid_api_key"],
    ["100 kB of spaces", { authorization: `Bearer ${" ".repeat(100_000)}x y` }, "invalid_api_key"],
    ["100 kB in x-api-key", { "x-api-key": "a".repeat(100_000) }, "invalid_api_key"],
    ["Latin-1", { authorization: "Bearer ir-\u00e9\u00ff" }, "invalid_api_key"],
    ["a tab", { authorization: "Bearer ir-a\tb" }, "invalid_api_key"],
    ["a prototype's name", { authorization: "Bearer __proto__" }, "invalid_api_key"],
    ["empty x-api-key", { "x-api-key": "" }, "invalid_api_key"],
  ];
  for (const [name, headers, expected] of cases)
    test(`${name}: ${expected}`, async () => {
      const { outcome, service } = setUp();
      await service.make({ name: "laptop" });
      const began = performance.now();
      expect(await outcome(headers)).toBe(expected);
      expect(performance.now() - began).toBeLessThan(50);
    });

  test("line breaks and other characters outside Latin-1 never become a header", () => {
    for (const value of ["Bearer ir-a\r\nx-role: admin", "Bearer \u0000", "Bearer ключ"])
      expect(() => new Headers({ authorization: value })).toThrow();
  });
});

describe("the administrator's key of the environment", () => {
  const adminKey = "a-long-administrators-key";
  test("administers, and closes an open gateway", async () => {
    const { call, outcome, withKey } = setUp({ adminKey, openAccess: true });
    expect(await call({ "x-api-key": adminKey })).toMatchObject({
      role: "admin",
      keyId: environmentKeyId,
      routes: null,
    });
    expect(await outcome({ host: "localhost" })).toBe("missing_api_key");
    expect(await withKey(`${adminKey}x`)).toBe("invalid_api_key");
    expect(await withKey(adminKey.slice(0, -1))).toBe("invalid_api_key");
  });
});

describe("an open gateway", () => {
  const admin = "http://127.0.0.1:8000/admin/v1/keys";
  const cases: readonly [Record<string, string>, string | undefined, ErrorCode | "ok"][] = [
    [{ host: "localhost" }, undefined, "ok"],
    [{ host: "LOCALHOST:8000" }, undefined, "ok"],
    [{ host: "127.0.0.1:8000" }, undefined, "ok"],
    [{ host: "127.8.9.10" }, undefined, "ok"],
    [{ host: "[::1]:8000" }, undefined, "ok"],
    [{ host: "localhost", authorization: "Bearer whatever" }, undefined, "ok"],
    [{}, undefined, "forbidden_origin"],
    [{ host: "evil.example" }, undefined, "forbidden_origin"],
    [{ host: "localhost.evil.example" }, undefined, "forbidden_origin"],
    [{ host: "127.0.0.1.evil.example" }, undefined, "forbidden_origin"],
    [{ host: "127.0.0.256" }, undefined, "forbidden_origin"],
    [{ host: "128.0.0.1" }, undefined, "forbidden_origin"],
    [{ host: "0.0.0.0:8000" }, undefined, "forbidden_origin"],
    [{ host: "localhost:8000@evil.example" }, undefined, "forbidden_origin"],
    [{ host: "user@localhost" }, undefined, "forbidden_origin"],
    [{ host: "::1" }, undefined, "forbidden_origin"],
    [{ host: "localhost", origin: "http://localhost:3000" }, undefined, "ok"],
    [{ host: "localhost", origin: "https://127.0.0.1" }, undefined, "ok"],
    [{ host: "localhost", origin: "http://[::1]:5173" }, undefined, "ok"],
    [{ host: "localhost", origin: "https://evil.example" }, undefined, "forbidden_origin"],
    [{ host: "localhost", origin: "http://localhost.evil.example" }, undefined, "forbidden_origin"],
    [{ host: "localhost", origin: "http://localhost@evil.example" }, undefined, "forbidden_origin"],
    [{ host: "localhost", origin: "null" }, undefined, "forbidden_origin"],
    [{ host: "localhost", origin: "" }, undefined, "forbidden_origin"],
    [{ host: "localhost", origin: "chrome-extension://abcdef" }, undefined, "forbidden_origin"],
    [{ host: "localhost", "x-forwarded-for": "203.0.113.9" }, undefined, "forbidden_origin"],
    [{ host: "localhost", "sec-fetch-site": "cross-site" }, admin, "forbidden_origin"],
    [{ host: "localhost", "sec-fetch-site": "cross-site" }, "http://localhost/ADMIN/v1/keys", "forbidden_origin"],
    [{ host: "localhost", "sec-fetch-site": "cross-site" }, undefined, "ok"],
    [{ host: "localhost", "sec-fetch-site": "same-origin" }, admin, "ok"],
  ];
  for (const [headers, url, expected] of cases)
    test(`${JSON.stringify(headers)} ${url ?? ""}: ${expected}`, async () => {
      expect(await setUp({ openAccess: true }).outcome(headers, url)).toBe(expected);
    });

  test("takes everybody for the administrator, until a key exists; revoking it opens nothing", async () => {
    const { call, outcome, elsewhere, pass } = setUp({ openAccess: true });
    expect(await call({ host: "localhost" })).toMatchObject({ role: "admin", keyId: null });
    const { id } = await elsewhere.make({ name: "laptop" });
    pass(250);
    expect(await outcome({ host: "localhost" })).toBe("missing_api_key");
    await elsewhere.revoke(id);
    pass(250);
    expect(await outcome({ host: "localhost" })).toBe("missing_api_key");
  });

  test("is never open where it is not on loopback", async () => {
    expect(await setUp({ openAccess: false }).outcome({ host: "localhost" })).toBe("missing_api_key");
  });
});

describe("addresses that a key may be used from", () => {
  const cases: readonly (readonly [
    allowed: string,
    remote: string,
    forwarded: string | undefined,
    ErrorCode | "ok",
  ])[] = [
    ["203.0.113.0/24", "203.0.113.9", undefined, "ok"],
    ["203.0.113.0/24", "::ffff:203.0.113.9", undefined, "ok"],
    ["203.0.113.0/24", "198.51.100.1", undefined, "invalid_api_key"],
    ["203.0.113.0/24", "", undefined, "invalid_api_key"],
    ["2001:db8::/32", "2001:db8::9", undefined, "ok"],
    ["2001:db8::/32", "203.0.113.9", undefined, "invalid_api_key"],
    // Anybody can write the header; it counts from a proxy that is trusted, and from the last one that is not.
    ["203.0.113.0/24", "198.51.100.1", "203.0.113.9", "invalid_api_key"],
    ["203.0.113.0/24", "10.0.0.1", "203.0.113.9", "ok"],
    ["203.0.113.0/24", "10.0.0.1", "203.0.113.9, 10.0.0.2", "ok"],
    ["203.0.113.0/24", "10.0.0.1", "203.0.113.9, 198.51.100.1", "invalid_api_key"],
    ["203.0.113.0/24", "10.0.0.1", "203.0.113.9, unknown", "invalid_api_key"],
    ["203.0.113.0/24", "10.0.0.1", undefined, "invalid_api_key"],
    ["10.0.0.0/8", "10.0.0.1", undefined, "ok"],
  ];
  test.each(cases)("%s, used from %p, forwarded for %p: %s", async (allowed, remoteAddress, forwarded, expected) => {
    const range = parseAddressRange("10.0.0.0/8");
    const { service, authenticator } = setUp({ trustedProxies: () => (range === undefined ? [] : [range]) });
    const { key } = await service.make({ name: "laptop", allowedAddresses: [allowed] });
    const headers = new Headers({ authorization: `Bearer ${key}` });
    if (forwarded !== undefined) headers.set("x-forwarded-for", forwarded);
    const outcome = await (async () =>
      authenticator.authenticate({ headers, url: "http://h/" }, { remoteAddress }))().then(
      () => "ok",
      (thrown: GatewayError) => thrown.code,
    );
    expect(outcome).toBe(expected);
  });
});

describe("a caller of an open call", () => {
  test("stands until its key is revoked or expires, also by another process", async () => {
    const { service, elsewhere, authenticator, call, pass } = setUp();
    const made = await service.make({ name: "one" });
    const short = await service.make({ name: "two", expiresAt: start + 10_000 });
    const [caller, brief] = [
      await call({ authorization: `Bearer ${made.key}` }),
      await call({ authorization: `Bearer ${short.key}` }),
    ];
    expect([await authenticator.stillStands(caller), await authenticator.stillStands(brief)]).toEqual([true, true]);
    await elsewhere.revoke(made.id);
    pass(250);
    expect([await authenticator.stillStands(caller), await authenticator.stillStands(brief)]).toEqual([false, true]);
    pass(10_000);
    expect(await authenticator.stillStands(brief)).toBe(false);
  });
});

describe("last use", () => {
  test("is noted once a minute, in batches; kept while the store is away", async () => {
    const { service, store, authenticator, withKey, pass } = setUp();
    const [one, two] = [await service.make({ name: "one" }), await service.make({ name: "two" })];
    await withKey(one.key);
    await withKey(one.key);
    await withKey(two.key);
    expect(store.touched).toEqual([]);
    await authenticator.flush();
    expect(store.touched).toEqual([
      new Map([
        [one.id, start],
        [two.id, start],
      ]),
    ]);
    pass(59_999);
    await withKey(one.key);
    await authenticator.flush();
    expect(store.touched.length).toBe(1);
    pass(1);
    await withKey(one.key);
    store.isAway = true;
    await authenticator.flush();
    store.isAway = false;
    await authenticator.flush();
    expect(store.touched[1]).toEqual(new Map([[one.id, start + 60_000]]));
  });
});

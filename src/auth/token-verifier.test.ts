import { beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { Caller } from "../core/caller.ts";
import type { DirectoryEntry, UserFields } from "../core/ports/directory-store.ts";
import { builtInRoles } from "./roles.ts";
import { issuerSchema } from "./token-settings.ts";
import { createTokenVerifier } from "./token-verifier.ts";

const start = Date.UTC(2026, 10, 1);
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1_000);
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: Pair;
let other: Pair;
let next: Pair;
beforeAll(async () => {
  [pair, other, next] = await Promise.all([
    generateKeyPair("RS256", { extractable: true }),
    generateKeyPair("RS256", { extractable: true }),
    generateKeyPair("ES256", { extractable: true }),
  ]);
});

const good: JWTPayload = {
  ...{ iss: "https://login.example", aud: "gateway", sub: "ada", org: { id: "acme" }, group: "search" },
  ...{ roles: ["viewer", "unheard-of", "developer"], exp: seconds(start) + 600, iat: seconds(start) },
};

const sign = (claims: JWTPayload = good, { key = pair.privateKey, alg = "RS256", kid = "one" as string | null } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, ...(kid === null ? {} : { kid }) }).sign(key);

const setUp = async (fields: object = {}) => {
  let elapsed = 0;
  let fetched = 0;
  let keys: readonly object[] | Error = [{ ...(await exportJWK(pair.publicKey)), kid: "one" }];
  let version = 1;
  const users = new Map<string, UserFields>();
  const places = new Set(["tenant acme acme", "tenant default default", "team acme search"]);
  const failures: unknown[] = [];
  const verifier = createTokenVerifier({
    issuers: [
      issuerSchema.parse({
        ...{ issuer: "https://login.example", audience: ["gateway", "other"], jwksUrl: "https://login.example/keys" },
        ...{ claims: { tenant: "org.id", team: "group", role: "roles" }, ...fields },
      }),
    ],
    roles: () => builtInRoles,
    directory: {
      find: async (kind, { tenant, id }) =>
        places.has(`${kind} ${tenant} ${id}`) ? ({ tenant, id, fields: { name: id } } as never) : undefined,
      userByExternalId: async (tenant, id) => {
        const found = users.get(`${tenant} ${id}`);
        return found === undefined ? undefined : ({ id: "user_1", fields: found } as DirectoryEntry<"user">);
      },
      version: () => version,
    },
    clock: { monotonic: () => elapsed, wall: () => start + elapsed },
    loadKeys: async () => {
      fetched += 1;
      await Bun.sleep(1);
      if (keys instanceof Error) throw keys;
      return { keys };
    },
    onKeysFailed: (_, error) => failures.push(error),
  });
  return {
    verifier,
    users,
    places,
    failures,
    fetched: () => fetched,
    pass: (milliseconds: number) => {
      elapsed += milliseconds;
    },
    serve: (served: readonly object[] | Error) => {
      keys = served;
    },
    change: () => {
      version += 1;
      elapsed += 250;
    },
    verify: async (token: string): Promise<Caller | undefined> => verifier.verify(token),
  };
};

describe("a token that is as it should be", () => {
  test("stands for its subject, with tenant, team and roles from its claims", async () => {
    const { verify } = await setUp();
    const caller = await verify(await sign());
    expect(caller).toMatchObject({
      ...{ tenant: "acme", team: "search", keyId: "jwt:https://login.example#ada", userId: null },
      ...{ role: "viewer+developer", everywhere: false, routes: null, models: null },
    });
    expect([caller?.permissions.has("chat.call"), caller?.permissions.has("keys.read")]).toEqual([true, true]);
    expect(caller?.permissions.has("keys.write")).toBe(false);
  });

  test("is verified once, until it expires", async () => {
    const { verify, verifier, pass, serve } = await setUp();
    const token = await sign();
    const caller = await verify(token);
    serve(new Error("the issuer is down"));
    expect(verifier.verify(token)).toBe(caller as never);
    expect(verifier.stillStands(caller as Caller)).toBe(true);
    pass(630_000);
    expect(await verify(token)).toBeUndefined();
    expect(verifier.stillStands(caller as Caller)).toBe(false);
  });

  test("has the role of a user whom the directory knows, or the default, where it names none", async () => {
    const { verify, users, change } = await setUp({ defaults: { role: "developer" } });
    const { roles: _, ...bare } = good;
    const token = await sign(bare);
    expect(await verify(token)).toMatchObject({ role: "developer", userId: null });
    users.set("acme ada", { name: "Ada", email: null, externalId: "ada", role: "operator", teams: [] });
    change();
    expect(await verify(token)).toMatchObject({ role: "operator", userId: "user_1" });
  });

  test("without any role may nothing", async () => {
    const { verify } = await setUp();
    const caller = await verify(await sign({ ...good, roles: ["unheard-of", 5 as never] }));
    expect([caller?.role, caller?.permissions.size]).toEqual(["none", 0]);
  });

  test("is the platform's own only where the issuer is trusted with that, and the tenant is the platform's", async () => {
    const tenants = async (platform: boolean) => {
      const { verify } = await setUp({ platform });
      const of = async (id: string) =>
        (await verify(await sign({ ...good, org: { id }, group: undefined })))?.everywhere;
      return [await of("default"), await of("acme")];
    };
    expect(await tenants(false)).toEqual([false, false]);
    expect(await tenants(true)).toEqual([true, false]);
  });

  test("has no tenant by default where its issuer should name one", async () => {
    const { org: _, ...bare } = good;
    const { group: __, ...barer } = bare;
    expect(await (await setUp()).verify(await sign(barer))).toBeUndefined();
    const other = await setUp({ claims: {} });
    expect(await other.verify(await sign(barer))).toMatchObject({ tenant: "default" });
  });
});

describe("a token that is refused", () => {
  const now = seconds(start);
  const claims: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["expired", { exp: now - 31 }],
    ["without an end", { exp: undefined }],
    ["not valid yet", { nbf: now + 31 }],
    ["from the future", { iat: now + 31 }],
    ["for somebody else", { aud: "elsewhere" }],
    ["for nobody", { aud: undefined }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["of an issuer that looks alike", { iss: "https://login.example/" }],
    ["of no issuer", { iss: undefined }],
    ["of nobody", { sub: undefined }],
    ["of a tenant that is not there", { org: { id: "nowhere" } }],
    ["of a tenant that is no text", { org: { id: { $ne: "" } } }],
    ["of a team that is not there", { group: "nowhere" }],
  ];
  test.each(claims)("%s", async (_, changes) => {
    const { verify } = await setUp();
    expect(await verify(await sign({ ...good, ...changes } as JWTPayload))).toBeUndefined();
  });

  test("within the leeway it is not", async () => {
    const { verify } = await setUp();
    expect(await verify(await sign({ ...good, exp: now - 29, nbf: now + 29, iat: now + 29 }))).toBeDefined();
  });

  const encode = (value: object | string): string =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

  test("unsigned, or signed with the public key as a secret", async () => {
    const { verify } = await setUp();
    const pem = await exportSPKI(pair.publicKey);
    const jwk = JSON.stringify(await exportJWK(pair.publicKey));
    for (const alg of ["none", "None", "NONE", "nOnE", ""])
      expect(await verify(`${encode({ alg, kid: "one" })}.${encode(good)}.`)).toBeUndefined();
    for (const secret of [pem, pem.trim(), jwk])
      for (const alg of ["HS256", "hs256"]) {
        const text = `${encode({ alg, kid: "one", typ: "JWT" })}.${encode(good)}`;
        const signature = createHmac("sha256", secret).update(text).digest("base64url");
        expect(await verify(`${text}.${signature}`)).toBeUndefined();
      }
  });

  test("signed by somebody else, or with its payload exchanged", async () => {
    const { verify } = await setUp();
    expect(await verify(await sign(good, { key: other.privateKey }))).toBeUndefined();
    const [head, , signature] = (await sign()).split(".");
    expect(await verify(`${head}.${encode({ ...good, roles: ["admin"] })}.${signature}`)).toBeUndefined();
  });

  test("with a key of its own in its head", async () => {
    const { verify } = await setUp();
    const jwk = await exportJWK(other.publicKey);
    const token = await new SignJWT(good)
      .setProtectedHeader({
        alg: "RS256",
        jwk,
        jku: "https://evil.example/keys",
        x5u: "https://evil.example/x",
      } as never)
      .sign(other.privateKey);
    expect(await verify(token)).toBeUndefined();
  });

  test("with an algorithm that its issuer does not use", async () => {
    const { verify } = await setUp({ algorithms: ["ES256"] });
    expect(await verify(await sign())).toBeUndefined();
  });

  test.each([
    "",
    "a.b.c",
    "eyJ.eyJ.x",
    `${encode({ alg: "RS256" })}.${encode("[]")}.x`,
    "eyJhbGciOiJSUzI1NiJ9.bnVsbA.x",
  ])("%p, which is none", async (text) => expect(await (await setUp()).verify(text)).toBeUndefined());
});

test("tokens that share a beginning, or a signature, are each taken for themselves", async () => {
  const { verify } = await setUp();
  const [one, two] = [await sign({ ...good, sub: "ada" }), await sign({ ...good, sub: "adb" })];
  expect(one.slice(0, 60)).toBe(two.slice(0, 60));
  expect([(await verify(one))?.keyId, (await verify(two))?.keyId]).toEqual([
    "jwt:https://login.example#ada",
    "jwt:https://login.example#adb",
  ]);
  for (const end of ["x".repeat(12), "A".repeat(40)])
    expect(await verify(one.slice(0, -end.length) + end)).toBeUndefined();
  expect(await verify(one)).toBeDefined();
});

describe("an issuer's keys", () => {
  test("are fetched once for all who wait, and again for one that is not among them, but not for each", async () => {
    const { verify, fetched, serve, pass } = await setUp();
    const token = await sign();
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(fetched()).toBe(1);
    serve([
      { ...(await exportJWK(pair.publicKey)), kid: "one" },
      { ...(await exportJWK(next.publicKey)), kid: "two" },
    ]);
    const rotated = await sign(good, { key: next.privateKey, alg: "ES256", kid: "two" });
    expect(await verify(rotated)).toBeUndefined();
    pass(30_000);
    expect(await verify(rotated)).toBeDefined();
    expect(fetched()).toBe(2);
    for (const kid of [
      "../../etc/passwd",
      "../../../dev/null",
      "' OR 1=1 --",
      "http://evil.example/k",
      "\u0000",
      "x".repeat(500),
    ])
      expect(await verify(await sign({ ...good, jti: kid }, { kid }))).toBeUndefined();
    pass(30_000);
    const unknown = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => verify(await sign(good, { kid: `invented ${index}` }))),
    );
    expect(unknown.filter((one) => one !== undefined)).toEqual([]);
    expect(fetched()).toBe(3);
  });

  test("stay while the issuer is down", async () => {
    const { verify, serve, pass, failures } = await setUp();
    expect(await verify(await sign())).toBeDefined();
    serve(new Error("down"));
    pass(600_000);
    const later = { ...good, exp: seconds(start) + 2_000 };
    expect(await verify(await sign(later))).toBeDefined();
    await Bun.sleep(5);
    expect(failures).toHaveLength(1);
    expect(await verify(await sign({ ...later, jti: "2" }))).toBeDefined();
  });

  test("that were never fetched are no reason to doubt the token", async () => {
    const { verify, serve, pass } = await setUp();
    serve(new Error("down"));
    await expect(verify(await sign())).rejects.toMatchObject({ code: "storage_unavailable" });
    serve([{ ...(await exportJWK(pair.publicKey)), kid: "one" }]);
    await expect(verify(await sign())).rejects.toMatchObject({ code: "storage_unavailable" });
    pass(5_000);
    expect(await verify(await sign())).toBeDefined();
  });

  test("without ids are tried one after the other", async () => {
    const { verify, serve } = await setUp();
    serve([await exportJWK(other.publicKey), await exportJWK(pair.publicKey)]);
    expect(await verify(await sign(good, { kid: null }))).toBeDefined();
  });

  test.each([[null], [{}], [{ keys: "none" }], [{ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "one", alg: "HS256" }] }]])(
    "%j are none",
    async (document) => {
      const { verify, serve } = await setUp();
      serve((document as { keys?: never } | null)?.keys ?? (document as never));
      await expect(
        verify(await sign()).then((caller) => caller ?? Promise.reject(new Error("refused"))),
      ).rejects.toThrow();
    },
  );
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { adminRoutes } from "../../src/http/admin/routes/index.ts";
import { type Answer, administer, ask, chat, hello, type Request } from "../e2e/ask.ts";
import { sendRaw } from "../e2e/raw-request.ts";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";

let gateway: RunningGateway;
let developer: { readonly id: string; readonly key: string };
let administrator: string;
const model = "mock/mock-echo";

beforeAll(async () => {
  // Here each refusal is looked at by itself; that many of them are slowed down is proved elsewhere.
  const auth = { guessing: { perAddress: 100_000, inAll: 100_000 } };
  gateway = await startGateway({ configuration: { discovery: { mock: true }, auth } });
  const make = async (fields: object) => (await administer(gateway, "/keys", { body: fields })).body;
  developer = await make({ name: "developer", models: [model] });
  administrator = (await make({ name: "administrator", role: "admin" })).key;
});
afterAll(async () => {
  await gateway.stop();
  await gateway.dispose();
});

const surfaces: readonly (readonly [path: string, body: unknown])[] = [
  [chat, hello(model)],
  ["/v1/completions", { model, prompt: "hello" }],
  ["/v1/embeddings", { model: "mock/mock-embed", input: "hello" }],
  ["/v1/messages", { ...hello(model), max_tokens: 5 }],
  ["/v1/messages/count_tokens", hello(model)],
  ["/v1/models", undefined],
  [`/v1/models/${model}`, undefined],
  ["/metrics", undefined],
  ...adminRoutes.map(
    ({ method, path }) => [`/admin/v1${path.replace(/\{\w+\}/g, "x")}`, method === "get" ? undefined : {}] as const,
  ),
];

const knock = async (request: Request, expected: (answer: Answer, path: string) => void): Promise<void> => {
  for (const [path, body] of surfaces)
    expected(await ask(gateway, path, { ...request, ...(body === undefined ? {} : { body }) }), path);
};

describe("a credential that is none", () => {
  const injections = [
    "' OR '1'='1",
    "'; DROP TABLE keys; --",
    '" OR ""="',
    "1) UNION SELECT digest FROM keys--",
    "%27%20OR%201=1",
    "ir-' || (SELECT key FROM keys) || '",
    "*",
    "x".repeat(600),
    "$(id)",
    "{{7*7}}",
  ];
  test.each(injections)("%s is the same 401 on every surface, and nothing tells more", async (text) => {
    const messages = new Set<string>();
    for (const headers of [{ authorization: `Bearer ${text}` }, { "x-api-key": text }] as const)
      await knock({ headers }, (answer, path) => {
        expect([path, answer.status]).toEqual([path, 401]);
        if (!path.startsWith("/v1/messages")) messages.add(JSON.stringify(answer.body));
        for (const word of ["SQLITE", "syntax", "near ", "keys WHERE", text]) expect(answer.text).not.toContain(word);
      });
    expect(messages.size).toBe(1);
    const kept = (await administer(gateway, "/keys")).body.data;
    expect(kept).toHaveLength(2);
  });

  test("in an error path: the same in queries, ids, filters and bodies of an administrator", async () => {
    for (const text of injections.slice(0, 5)) {
      const value = encodeURIComponent(text);
      for (const path of [
        `/calls?model=${value}`,
        `/calls?key=${value}`,
        `/audit?action=${value}`,
        `/audit?actor=${value}`,
        `/models?search=${value}`,
      ]) {
        const answer = await administer(gateway, path);
        expect([path, answer.status]).toEqual([path, 200]);
        expect([path, answer.body.data]).toEqual([path, []]);
      }
      for (const path of [`/calls/${value}`, `/keys/${value}`, `/providers/${value}`]) {
        const answer = await administer(gateway, path);
        expect([400, 404]).toContain(answer.status);
        expect(answer.text).not.toContain("SQLITE");
      }
    }
    expect((await administer(gateway, "/keys")).body.data).toHaveLength(2);
  });
});

describe("the same key on every surface, by either header", () => {
  const statuses = async (
    headers: Readonly<Record<string, string>>,
  ): Promise<readonly (readonly [string, number])[]> => {
    const found: (readonly [string, number])[] = [];
    await knock({ headers }, ({ status }, path) => void found.push([path, status]));
    return found;
  };

  test("of a developer: the same answers, and nothing that administers", async () => {
    const byBearer = await statuses({ authorization: `Bearer ${developer.key}` });
    expect(await statuses({ "x-api-key": developer.key })).toEqual(byBearer);
    for (const [path, status] of byBearer) if (path.startsWith("/admin/")) expect([path, status]).toEqual([path, 403]);
    const statusOf = new Map(byBearer);
    for (const path of [chat, "/v1/completions", "/v1/messages"]) expect(statusOf.get(path)).toBe(200);
    // Its models are the same everywhere.
    expect(statusOf.get("/v1/embeddings")).toBe(403);
  });

  test("a second credential in the other header does not count", async () => {
    const both = { authorization: "Bearer wrong", "x-api-key": developer.key };
    await knock({ headers: both }, ({ status }, path) => expect([path, status]).toEqual([path, 401]));
    const escalating = { authorization: `Bearer ${developer.key}`, "x-api-key": administrator };
    expect((await ask(gateway, "/admin/v1/keys", { headers: escalating })).status).toBe(403);
  });

  test("revoked: refused on every surface", async () => {
    const { body } = await administer(gateway, "/keys", { body: { name: "short" } });
    await administer(gateway, `/keys/${body.id}/revoke`, { method: "POST" });
    await knock({ key: body.key }, (answer, path) => {
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.text).not.toContain(body.key);
    });
  });
});

describe("headers that proxies set have no say", () => {
  const forged: readonly Readonly<Record<string, string>>[] = [
    { "x-forwarded-for": "127.0.0.1" },
    { "x-real-ip": "127.0.0.1" },
    { "x-forwarded-host": "localhost" },
    { forwarded: "for=127.0.0.1;host=localhost;proto=https" },
    { "x-original-url": "/healthz" },
    { "x-rewrite-url": "/healthz" },
    { "x-http-method-override": "GET" },
    { "x-forwarded-user": "admin", "x-remote-user": "admin", "x-user": "admin", "x-role": "admin" },
    { "x-tenant": "other", "x-team": "other", "x-intellirouter-role": "admin" },
    { host: "localhost" },
    { origin: "http://localhost" },
  ];
  test.each(forged.map((headers) => [headers] as const))("%j", async (headers) => {
    for (const path of ["/admin/v1/keys", "/v1/models", "/metrics"]) {
      expect((await ask(gateway, path, { headers })).status).toBe(401);
      const known = await ask(gateway, path, { key: developer.key });
      expect((await ask(gateway, path, { key: developer.key, headers })).status).toBe(known.status);
    }
    expect((await ask(gateway, "/admin/v1/keys", { key: developer.key, headers })).status).toBe(403);
    // The address in the audit log is the peer's.
    const made = await ask(gateway, "/admin/v1/keys", { key: administrator, headers, body: { name: "x" } });
    if (made.status === 201) {
      const row = (await administer(gateway, "/audit?action=key.create&limit=1")).body.data[0];
      expect(row.remoteAddress).toContain("127.0.0.1");
      await administer(gateway, `/keys/${made.body.id}/revoke`, { method: "POST" });
    }
  });

  test.each(["evil.example", "localhost", "127.0.0.1:1", "a@b", "[::1]", "", "x".repeat(300)])(
    "Host: %s",
    async (host) => {
      for (const [key, allowed] of [
        [undefined, [400, 401]],
        [developer.key, [200, 400]],
      ] as const) {
        const authorization = key === undefined ? "" : `Authorization: Bearer ${key}\r\n`;
        const reply = await sendRaw(
          gateway.url,
          `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\n${authorization}Connection: close\r\n\r\n`,
        );
        expect(allowed as readonly number[]).toContain(reply.status ?? 0);
      }
    },
  );
});

describe("a path that is written otherwise is no way in", () => {
  const paths = [
    "//admin/v1/keys",
    "/admin//v1/keys",
    "/admin/v1//keys",
    "/./admin/v1/keys",
    "/v1/../admin/v1/keys",
    "/healthz/../admin/v1/keys",
    "/v1/models/../../admin/v1/keys",
    "/v1/models/%2e%2e/%2e%2e/admin/v1/keys",
    "/%61dmin/v1/keys",
    "/admin/v1/%6beys",
    "/admin%2fv1%2fkeys",
    "/ADMIN/v1/keys",
    "/Admin/V1/Keys",
    "/admin/v1/keys/",
    "/admin/v1/keys;/",
    "/admin/v1/keys;a=b",
    "/admin/v1/keys%00",
    "/admin/v1/keys%20",
    "/admin/v1/keys.json",
    "/admin/v1/keys#",
    "/admin\\v1\\keys",
    "/healthz/..%2fadmin/v1/keys",
    "/healthz%2f..%2fadmin/v1/keys",
    "/api/admin/v1/keys",
    "/admin",
    "/admin/",
    "/admin/v0/keys",
    "/keys",
    "/v1/admin/keys",
    "/debug",
    "/.env",
    "/.git/config",
    "/server.json",
    "/pepper",
    "/..%2f..%2fetc/passwd",
    "/v1/models/..%2f..%2f..%2fetc%2fpasswd",
  ];
  test.each(paths)("%s", async (path) => {
    const ask = (headers: string) =>
      sendRaw(gateway.url, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Connection: close\r\n\r\n`);
    for (const headers of ["", `Authorization: Bearer ${developer.key}\r\n`]) {
      const reply = await ask(headers);
      expect([path, [400, 401, 403, 404].includes(reply.status ?? 0)]).toEqual([path, true]);
      for (const word of [developer.id, '"suffix"', "root:", '"token"']) expect(reply.text).not.toContain(word);
    }
  });

  test("every address that answers a stranger is one that is meant to", async () => {
    const open = ["/healthz", "/readyz", "/openapi.json"];
    for (const path of open) expect((await ask(gateway, path)).status).toBe(200);
    const { paths: described } = (await ask(gateway, "/openapi.json")).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(described).length).toBeGreaterThan(20);
    for (const [path, methods] of Object.entries(described))
      for (const method of Object.keys(methods)) {
        if (open.includes(path)) continue;
        const answer = await ask(gateway, path.replace(/\{\w+\}/g, "x"), {
          method: method.toUpperCase(),
          ...(method === "get" || method === "delete" ? {} : { body: {} }),
        });
        expect([method, path, answer.status]).toEqual([method, path, 401]);
      }
  });
});

describe("keys are compared by digests", () => {
  const source = (path: string): string => readFileSync(join(import.meta.dir, "../../src", path), "utf8");

  test("what is looked up and compared is an HMAC under the pepper", () => {
    const authenticator = source("auth/authenticator.ts");
    expect(authenticator).toMatch(/const sent = digest\(credential\.key\)/);
    // The key itself is used for nothing else.
    expect(authenticator.match(/credential\.key/g)).toHaveLength(1);
    expect(source("auth/api-key.ts")).toMatch(/createHmac\("sha256", pepper\)\.update\(key\)/);
  });

  test("the token of the command line is compared in constant time", () => {
    const access = source("roles/access.ts");
    expect(access).toMatch(/sent\.length === localHeader\.length && timingSafeEqual\(sent, localHeader\)/);
    expect(access).not.toMatch(/=== localToken|localToken ===/);
  });
});

describe("an answer is what it says, whatever is in it", () => {
  const markup = "<script>alert(1)</script><img src=x onerror=alert(1)>";
  test("what models and clients say comes as JSON or events, never as a page", async () => {
    const answers = [
      await ask(gateway, chat, {
        key: developer.key,
        body: { ...hello(model), messages: [{ role: "user", content: markup }] },
      }),
      await ask(gateway, chat, {
        key: developer.key,
        body: { ...hello(model), stream: true, messages: [{ role: "user", content: markup }] },
      }),
      await ask(gateway, chat, { key: developer.key, body: hello(markup) }),
      await ask(gateway, `/v1/models/${encodeURIComponent(markup)}`, { key: developer.key }),
      await ask(gateway, `/${encodeURIComponent(markup)}`),
      await ask(gateway, `/admin/v1/keys/${encodeURIComponent(markup)}`, { key: administrator }),
      await ask(gateway, "/admin/v1/keys", { key: administrator, body: { name: markup } }),
      await ask(gateway, "/admin/v1/audit", { key: administrator }),
      await ask(gateway, "/metrics", { key: administrator }),
      await ask(gateway, "/healthz"),
      await ask(gateway, "/readyz"),
      await ask(gateway, "/openapi.json"),
      await ask(gateway, "/v1/messages", { key: developer.key, body: { model: markup, messages: [], max_tokens: 1 } }),
      await ask(gateway, "/v1/messages/count_tokens", { key: developer.key, body: hello(model) }),
      await ask(gateway, chat, { method: "PATCH" }),
    ];
    expect(answers[0]?.text).toContain("onerror");
    for (const { headers, status } of answers) {
      expect(headers.get("content-type") ?? "").toMatch(/^(?:application\/json|text\/event-stream|text\/plain)/);
      expect([status, headers.get("x-content-type-options")]).toEqual([status, "nosniff"]);
    }
    const { body } = answers[6] ?? { body: {} };
    await administer(gateway, `/keys/${body.id}/revoke`, { method: "POST" });
  });
});

describe("pages of other origins", () => {
  const origins = ["https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1:9"];
  test.each(origins)("%s gets no permission to read, and no preflight", async (origin) => {
    for (const [path, method] of [
      ["/admin/v1/keys", "POST"],
      [chat, "POST"],
      ["/v1/models", "GET"],
      ["/admin/v1/providers/x", "PUT"],
    ] as const) {
      const preflight = await ask(gateway, path, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": method, "access-control-request-headers": "authorization" },
      });
      expect(preflight.status).toBeGreaterThanOrEqual(400);
      const plain = await ask(gateway, path, {
        method,
        headers: { origin },
        ...(method === "GET" ? {} : { body: {} }),
      });
      expect(plain.status).toBe(401);
      for (const { headers } of [preflight, plain])
        for (const name of ["access-control-allow-origin", "access-control-allow-credentials", "set-cookie"])
          expect(headers.get(name)).toBeNull();
    }
  });

  test("a form cannot post: its types are no JSON", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]) {
      const answer = await ask(gateway, "/admin/v1/keys", {
        key: administrator,
        headers: { "content-type": type },
        body: '{"name":"x"}',
      });
      expect([type, answer.status]).toEqual([type, 415]);
    }
  });
});

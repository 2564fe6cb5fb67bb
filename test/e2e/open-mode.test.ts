import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { administer, ask, chat, hello } from "./ask.ts";
import { sendRaw } from "./raw-request.ts";

const body = JSON.stringify(hello("mock/mock-echo"));

const start = (): Promise<RunningGateway> => startGateway({ configuration: { discovery: { mock: true } } });
const end = async (gateway: RunningGateway): Promise<void> => {
  await gateway.stop();
  await gateway.dispose();
};

/** fetch sets Host by itself, so these go over a socket. */
const sendWith = (gateway: RunningGateway, headers: readonly string[], path = chat) =>
  sendRaw(
    gateway.url,
    [
      `POST ${path} HTTP/1.1`,
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      "Connection: close",
      ...headers,
      "",
      body,
    ].join("\r\n"),
  );

describe("a gateway without keys", () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await start();
  });
  afterAll(() => end(gateway));

  test.each([
    [["Host: 127.0.0.1:8000"]],
    [["Host: localhost"]],
    [["Host: [::1]:80"]],
    [["Host: localhost:8000", "Origin: http://localhost:3000"]],
    [["Host: localhost:8000", "Origin: http://127.0.0.1:5173"]],
  ])("serves %j", async (headers) => {
    expect((await sendWith(gateway, headers)).status).toBe(200);
  });

  test.each([
    [["Host: evil.example"]],
    [["Host: 127.0.0.1.evil.example"]],
    [["Host: localhost.evil.example:80"]],
    [["Host: 10.0.0.5:8000"]],
    [["Host: localhost", "Origin: https://evil.example"]],
    [["Host: localhost", "Origin: null"]],
    [["Host: localhost", "Origin: http://localhost.evil.example"]],
    [["Host: localhost", "X-Forwarded-For: 1.2.3.4"]],
    [["Host: localhost", "X-Forwarded-Host: localhost"]],
    [["Host: localhost", "Forwarded: for=1.2.3.4"]],
  ])("refuses %j", async (headers) => {
    const reply = await sendWith(gateway, headers);
    expect(reply.status, reply.text).toBe(403);
    expect(reply.text).toContain("forbidden_origin");
    expect(reply.text.toLowerCase()).not.toContain("access-control-allow");
  });

  test("refuses a Host header that is no authority at all", async () => {
    const reply = await sendWith(gateway, ["Host: localhost@evil.example"]);
    // Which of the two depends on the server that reads it.
    expect(reply.status === 400 || reply.status === 403, reply.text).toBe(true);
  });

  test("refuses a page of another site on the admin API", async () => {
    const headers = ["Host: localhost", "Sec-Fetch-Site: cross-site"];
    expect((await sendWith(gateway, headers, "/admin/v1/keys")).status).toBe(403);
  });

  test("answers no preflight", async () => {
    const answer = await ask(gateway, "/admin/v1/keys", {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});

test("the first key closes the gateway, and revoking it does not open it again", async () => {
  const gateway = await start();
  try {
    expect((await ask(gateway, chat, { body })).status).toBe(200);
    const made = await administer(gateway, "/keys", { body: { name: "first" } });
    expect(made.status).toBe(201);
    const refused = await ask(gateway, chat, { body });
    expect(refused.status).toBe(401);
    expect(refused.body.error).toMatchObject({ code: "missing_api_key", type: "authentication_error" });
    expect((await ask(gateway, chat, { body, key: made.body.key })).status).toBe(200);
    await administer(gateway, `/keys/${made.body.id}/revoke`, { method: "POST" });
    expect((await ask(gateway, chat, { body })).status).toBe(401);
    expect((await ask(gateway, chat, { body, key: made.body.key })).status).toBe(401);
  } finally {
    await end(gateway);
  }
});

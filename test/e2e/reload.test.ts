import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningGateway, startGateway } from "../support/start-gateway.ts";
import { administer, ask, chat, eventually, hello, send } from "./ask.ts";

let gateway: RunningGateway;
let file: string;
beforeEach(async () => {
  gateway = await startGateway({
    configuration: { discovery: { mock: true }, routes: { fast: { targets: ["mock/mock-echo"] } } },
  });
  file = join(gateway.dataFolder, "intellirouter.yaml");
});
afterEach(async () => {
  await gateway.stop();
  await gateway.dispose();
});

const write = (change: (configuration: Record<string, unknown>) => object): void =>
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
const modelOf = async (route: string): Promise<string | null> =>
  (await ask(gateway, chat, { body: hello(route) })).headers.get("x-intellirouter-model");
const routeTo = (target: string) => (configuration: object) => ({
  ...configuration,
  routes: { fast: { targets: [target] } },
});

test.each([
  ["truncated", () => writeFileSync(file, readFileSync(file, "utf8").slice(0, -5)), /intellirouter\.yaml/],
  ["with an unknown key", () => write((now) => ({ ...now, sever: {} })), /sever.*server/],
  ["with a route to nowhere", () => write(routeTo("mok/x")), /mok.*mock/],
])("a file that is %s is refused, and the former configuration stays", async (_, breakIt, says) => {
  breakIt();
  const answer = await administer(gateway, "/reload", { method: "POST" });
  expect(answer.status).toBe(422);
  expect(answer.body.error.message).toMatch(says);
  expect(answer.body.error.message).toContain("stays in use");
  await eventually("the log tells of it", () => /configuration refused/.test(gateway.logs()));
  expect(await modelOf("fast")).toBe("mock-echo");
});

test("a change of the file is taken by itself", async () => {
  write(routeTo("mock/mock-llama"));
  await eventually("the route leads elsewhere", async () => (await modelOf("fast")) === "mock-llama");
});

test("a reload by the admin API is there for the next call", async () => {
  write(routeTo("mock/mock-json"));
  const { status, body } = await administer(gateway, "/reload", { method: "POST" });
  expect(status).toBe(200);
  // False where the file's own watch was first.
  expect(body.changed).toEqual(expect.any(Boolean));
  expect(await modelOf("fast")).toBe("mock-json");
});

test("SIGHUP reloads", async () => {
  write((now) => ({ ...now, routes: { slow: { targets: ["mock/mock-echo"] } } }));
  process.kill(gateway.pid, "SIGHUP");
  await eventually("the new route is there", async () => (await modelOf("slow")) === "mock-echo");
  expect((await ask(gateway, chat, { body: hello("fast") })).status).toBe(404);
});

test("a stream that is open ends on the configuration that it began with", async () => {
  const body = {
    ...hello("fast"),
    messages: [{ role: "user", content: "one two three four five six seven eight" }],
    stream: true,
    mock: { tokensPerSecond: 20 },
  };
  const response = await send(gateway, chat, { body });
  expect(response.headers.get("x-intellirouter-route")).toBe("fast");
  write((now) => ({ ...now, routes: {}, discovery: { mock: false, local: false, environment: false } }));
  expect((await administer(gateway, "/reload", { method: "POST" })).status).toBe(200);
  expect((await ask(gateway, chat, { body: hello("fast") })).status).toBe(404);
  const text = await response.text();
  expect(text).toContain("eight");
  expect(text).toEndWith("data: [DONE]\n\n");
  expect(text).not.toContain('"error"');
});

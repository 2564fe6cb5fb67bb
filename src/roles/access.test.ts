import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authSchema } from "../auth/settings.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { openAccess } from "./access.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "access-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

const open = async (host: string, isRunning: boolean) => {
  const changes: string[] = [];
  const stores = createSqliteStores(openSqlite({ path: ":memory:" }));
  const access = await openAccess({
    store: stores.keys,
    directory: stores.directory,
    folder: directory,
    environment: {},
    host,
    localToken: "token",
    clock: systemClock,
    settings: authSchema.parse({}),
    isRunning,
    onChanged: async () => void changes.push("changed"),
  });
  return { access, changes };
};
const request = { headers: new Headers(), url: "http://gateway/v1/models" };

test("an open door to strangers stops a start, and no further process of a program that runs", async () => {
  await expect(open("0.0.0.0", false)).rejects.toMatchObject({ code: "permission_denied" });
  const { access } = await open("0.0.0.0", true);
  // It stays shut all the same.
  expect(() => access.authenticate(request as never, { remoteAddress: "203.0.113.9" })).toThrow(
    expect.objectContaining({ code: "missing_api_key" }),
  );
});

test("each change of keys is told of before it is answered", async () => {
  const { access, changes } = await open("127.0.0.1", false);
  const { keys } = access;
  const { id } = await keys.make({ name: "one" });
  expect(changes.length).toBe(1);
  const { id: next } = await keys.rotate(id);
  await keys.revoke(next);
  await keys.list();
  expect(changes.length).toBe(3);
});

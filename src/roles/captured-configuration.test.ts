import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCaptured, loadCapturing } from "./captured-configuration.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "captured-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("what was captured gives the same configuration, whatever stands on the disk by then", async () => {
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, 'providers: { lab: { kind: openai, apiKey: "file:key" } }\nroutes: { a: { targets: [db/m] } }');
  writeFileSync(join(folder, "key"), "sk-of-that-time\n");
  const flags = [{ flag: "--port", path: ["server", "port"], value: "9000" }];
  const options = { config: file, environment: {}, workingDirectory: folder, flags };
  const { captured, ...loaded } = await loadCapturing(options, ["db"]);
  rmSync(file);
  writeFileSync(join(folder, "key"), "sk-of-later\n");
  const again = await loadCaptured(options, JSON.parse(JSON.stringify(captured)));
  expect(again.value.providers["lab"]?.apiKey?.reveal()).toBe("sk-of-that-time");
  expect(again.value.server.port).toBe(9_000);
  expect([again.file, again.files]).toEqual([loaded.file, loaded.files]);
  expect(JSON.stringify(again.value)).toBe(JSON.stringify(loaded.value));
});

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { loggingSchema, metricsSchema } from "./settings.ts";

const schema = z.strictObject({ logging: loggingSchema, metrics: metricsSchema });

describe("settings", () => {
  test("have defaults", () => {
    expect(schema.parse({})).toEqual({ logging: { level: "info" }, metrics: { enabled: true, maxLabelSets: 200 } });
  });

  test("are as docs/configuration.md shows them", () => {
    const page = readFileSync(join(import.meta.dir, "../../docs/configuration.md"), "utf8");
    const blocks = [...page.matchAll(/```yaml\n((?:logging|metrics):[\s\S]*?)```/g)].map((match) => match[1] ?? "");
    expect(blocks.length).toBe(2);
    const settings = schema.parse(parse(blocks.join("")));
    expect(settings.logging.file).toEqual({
      path: "/var/log/intellirouter/gateway.log",
      maxMegabytes: 100,
      keep: 14,
    });
  });

  const refused: readonly unknown[] = [
    { logging: { level: "loud" } },
    { logging: { file: { path: "" } } },
    { logging: { file: { path: "x", maxMegabytes: 0 } } },
    { logging: { file: { path: "x", keep: -1 } } },
    { metrics: { maxLabelSets: 0 } },
    { metrics: { path: "/metrics" } },
  ];
  for (const settings of refused)
    test(`${JSON.stringify(settings)} is refused`, () => {
      expect(schema.safeParse(settings).success).toBe(false);
    });
});

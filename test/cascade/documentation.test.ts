import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configurationSchema } from "../../src/roles/configuration.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/cascades.md"), "utf8");

test("the routes in docs/cascades.md are understood", () => {
  const [, block = ""] = /```yaml\n(routes:[\s\S]*?)```/.exec(page) ?? [];
  const { routes } = configurationSchema.parse(parse(block));
  expect(Object.values(routes).map(({ strategy }) => strategy.kind)).toEqual(["cascade", "cascade"]);
});

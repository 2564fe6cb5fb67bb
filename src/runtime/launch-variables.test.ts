import { expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingVariables } from "./launch-variables.ts";

test("variables that are set already keep their value", () => {
  const all = missingVariables({});
  expect(Object.keys(all).length).toBeGreaterThan(0);
  expect(missingVariables(all)).toEqual({});
  const [first = ""] = Object.keys(all);
  expect(missingVariables({ [first]: "1" })).not.toHaveProperty(first);
});

test("the program runs with them, and its arguments are its own", () => {
  const program = `
    import { adoptVariables } from ${JSON.stringify(`${import.meta.dir}/launch-variables.ts`)};
    adoptVariables();
    console.log(JSON.stringify({ env: process.env, argv: process.argv.slice(2) }));`;
  const file = join(tmpdir(), `launch-variables-${process.pid}.ts`);
  const own = { PATH: process.env["PATH"] ?? "", BUN_JSC_forceRAMSize: "3000000000" };
  try {
    writeFileSync(file, program);
    const { stdout } = Bun.spawnSync([process.execPath, file, "--port", "a b"], { env: own });
    const seen = JSON.parse(stdout.toString()) as { env: Record<string, string>; argv: string[] };
    expect(seen.argv).toEqual(["--port", "a b"]);
    expect(seen.env).toMatchObject({ ...missingVariables({}), ...own });
  } finally {
    rmSync(file, { force: true });
  }
});

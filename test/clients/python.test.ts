import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Backends, backendNames, startBackends } from "./backends.ts";
import { objectSchema, openaiTools } from "./tools.ts";

const installation = Bun.spawnSync([join(import.meta.dir, "install.sh")], { stdout: "pipe", stderr: "pipe" });
const reason = installation.success ? undefined : installation.stderr.toString().trim().slice(-500);
// Where nobody looks at what was left out, it must not be left out.
const mustRun = process.env["CI"] === "true";
const python = join(import.meta.dir, "../../.cache/clients/venv/bin/python");

const runScript = async (script: string, input: unknown): Promise<string> => {
  const child = Bun.spawn([python, "-I", join(import.meta.dir, script)], {
    stdin: new Blob([JSON.stringify(input)]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, faults] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  return child.exitCode === 0 ? output.trim() : faults;
};

if (reason !== undefined && mustRun)
  test("the Python clients are installed", () => expect.unreachable(`they are not: ${reason}`));
else if (reason !== undefined) test.skip(`the Python clients could not be installed: ${reason}`, () => undefined);
else
  describe("clients for Python", () => {
    let backends: Backends;
    beforeAll(async () => {
      backends = await startBackends();
    });
    afterAll(() => backends.stop());

    const scripts = ["openai_checks.py", "anthropic_checks.py"] as const;
    const cases = scripts.flatMap((script) => backendNames.map((name) => [script, name] as const));

    test.each(cases)(
      "%s, %s behind",
      async (script, name) => {
        const { upstream, ...models } = backends.of(name);
        const input = {
          url: backends.gateway.url,
          ...models,
          answer: upstream === null ? "How are you?" : "You said: How are you?",
          tools: openaiTools,
          schema: objectSchema,
          errors: [
            ["mock-ecko", "NotFoundError"],
            ...(upstream === null
              ? []
              : [
                  [`${name}/refuse-429`, "RateLimitError"],
                  [`${name}/refuse-400`, "BadRequestError"],
                  [`${name}/refuse-401`, "InternalServerError"],
                ]),
          ],
        };
        expect(await runScript(script, input)).toBe("ok");
      },
      60_000,
    );
  });

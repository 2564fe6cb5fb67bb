import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfiguration } from "./load.ts";
import { sampleOptions } from "./testing.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/configuration.md"), "utf8");

const firstBlock = (format: string): string => {
  const block = new RegExp(`\`\`\`${format}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  if (block === undefined) throw new Error(`docs/configuration.md has no block of ${format}`);
  return block;
};

const load = (format: string, text: string, environment: Readonly<Record<string, string>> = {}) => {
  const file = `config.${format}`;
  return loadConfiguration({ ...sampleOptions({ [file]: text }, environment), file });
};

describe("docs/configuration.md", () => {
  const keys = { OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "b" };
  test("its example loads, and says the same in TOML", async () => {
    const yaml = await load("yaml", firstBlock("yaml"), keys);
    const toml = await load("toml", firstBlock("toml"), keys);
    expect(yaml.value.routes["fast"]?.retries.perTarget).toBe(2);
    expect(toml.value).toEqual(yaml.value);
  });

  test("its errors are the ones that are shown", async () => {
    const broken = firstBlock("yaml").replace("strategy:", "stratgy:").replace("port: 8000", "port: eighty");
    const thrown: unknown = await load("yaml", broken, {
      ANTHROPIC_API_KEY: "b",
      INTELLIROUTER_SERVER__PROT: "1",
    }).catch((error: unknown) => error);
    const shown = (thrown as Error).message.split("\n").sort();
    expect(shown).toEqual(firstBlock("text").trim().split("\n").sort());
  });
});

import { describe, expect, test } from "bun:test";
import { runFaked } from "../testing.ts";

const scriptOf = async (shell: string): Promise<string> => (await runFaked(["completion", shell])).stdout;

/** What bash offers after these words. */
const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
  const call = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _intellirouter; printf "%s\\n" "\${COMPREPLY[@]}"`;
  const shell = Bun.spawn(["bash", "-c", `${await scriptOf("bash")}\n${call}`, "bash", "intellirouter", ...words], {
    stderr: "inherit",
  });
  return (await new Response(shell.stdout).text()).trim().split("\n");
};

describe("bash completes", () => {
  const cases: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
    [["mo"], ["models"]],
    [["models", "s"], ["set"]],
    [["models", "--prov"], ["--provider"]],
    [["usage", "--by", "d"], ["day"]],
    [["audit", "export", "--format", ""], ["jsonl"]],
    [["run", "--por"], ["--port"]],
    [["completion", "f"], ["fish"]],
  ];
  for (const [words, offered] of cases)
    test(words.join(" "), async () => expect(await complete(...words)).toEqual([...offered]));
});

test("the scripts of zsh and fish name every command", async () => {
  for (const shell of ["zsh", "fish"]) {
    const script = await scriptOf(shell);
    for (const name of [
      "up",
      "run",
      "chat",
      "models",
      "providers",
      "keys",
      "usage",
      "explain",
      "config",
      "doctor",
      "migrate",
      "seed",
    ])
      expect(script).toContain(name);
  }
});

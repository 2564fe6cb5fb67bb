import { describe, expect, test } from "bun:test";
import { runFaked } from "../../testing.ts";

const puzzle =
  "A baker sells 12 cakes at $7 each and pays $20 for flour. How many dollars does the baker earn in 3 days?";

describe("router classify", () => {
  test("names kind and complexity of an argument, and of standard input", async () => {
    const argument = await runFaked(["router", "classify", ...puzzle.split(" "), "--json"]);
    const piped = await runFaked(["router", "classify", "--json"], { piped: puzzle });
    expect(JSON.parse(argument.stdout)).toMatchObject({ taskKind: "math", taskConfidence: expect.any(Number) });
    expect(piped.stdout).toBe(argument.stdout);
  });

  test("says it to people", async () => {
    const { stdout } = await runFaked(["router", "classify", puzzle]);
    expect(stdout).toMatch(/^math \(\d+ %\), (simple|moderate|complex) \(\d+ %\)\n$/);
  });

  test("needs a prompt", async () => {
    const { exitCode, stderr } = await runFaked(["router", "classify"], { piped: " \n" });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("A prompt is missing")]);
  });
});

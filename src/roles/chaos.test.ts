import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChaosReport, ChaosRow } from "../chaos/report.ts";
import { runFaked } from "../cli/testing.ts";
import { chaos } from "./chaos.ts";

const configuration = `
providers:
  first: { kind: openai, apiKey: key-of-the-user }
  second: { kind: anthropic, apiKey: key-of-the-user, headers: { x-own: header-of-the-user } }
routes:
  fast: { targets: [first/gpt-4o-mini, second/claude-sonnet-4-5, mock/mock-echo] }
  alone: { targets: [first/gpt-4o-mini] }
`;

const folder = mkdtempSync(join(tmpdir(), "intellirouter-chaos-test-"));
const file = join(folder, "config.yaml");
writeFileSync(file, configuration);
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...argv: readonly string[]) =>
  runFaked(["chaos", "--config", file, "--data", join(folder, "data"), "--seed", "7", ...argv], {
    roles: { chaos: (options) => chaos({ ...options, workingDirectory: folder }) },
  });
type Document = ChaosReport & { readonly routes: readonly { readonly verdict: string; readonly survived: number }[] };

/** What of a row does not hang on the machine's speed. */
const factsOf = ({ fault, ending, status, target, isRescued, unrecorded }: ChaosRow) => ({
  fault,
  ending,
  status,
  target,
  isRescued,
  unrecorded: unrecorded.length,
});

const first = "first/gpt-4o-mini";
const second = "second/claude-sonnet-4-5";
const answer = (fault: ChaosRow["fault"], target: string, isRescued: "rescued" | "plain" = "plain") => ({
  fault,
  ending: "answer" as const,
  status: 200,
  target,
  isRescued: isRescued === "rescued",
  unrecorded: 0,
});

describe("intellirouter chaos", () => {
  test("two targets: every fault of the first is survived, and all down is an error", async () => {
    const { exitCode, stdout, stderr } = await run("--route", "fast", "--json");
    const { routes, seed } = JSON.parse(stdout) as Document;
    expect(stderr).toContain("mock/mock-echo is left out of route 'fast'");
    expect(seed).toBe(7);
    expect(routes[0]?.rows.map(factsOf)).toEqual([
      answer("none", first),
      answer("refused", second),
      answer("silent", second),
      answer("429", second),
      answer("500", second),
      answer("503", second),
      answer("401", second),
      answer("cut-before-content", second),
      answer("cut-mid-stream", second, "rescued"),
      answer("stall-mid-stream", second, "rescued"),
      answer("ended-early", second, "rescued"),
      answer("malformed-frame", second, "rescued"),
      { ...answer("all-refused", first), ending: "error", status: 503, target: null },
    ]);
    expect(routes[0]?.rows.every(({ chargePicoUsd, ending }) => ending !== "answer" || (chargePicoUsd ?? 0) > 0)).toBe(
      true,
    );
    expect(routes[0]?.verdict).toStartWith(`Route 'fast' survives 11 of 11 faults of its first target ${first}; with`);
    expect(exitCode).toBe(0);
  }, 30_000);

  test("one target: what breaks after it began ends with an error, and the table says so", async () => {
    const { exitCode, stdout } = await run("--route", "alone", "--fault", "silent,stall-mid-stream");
    expect(stdout).toMatch(/^silent +200, then error upstream_timeout +1 /m);
    expect(stdout).toMatch(/^stall-mid-stream +error upstream_timeout after \d+ characters +1 /m);
    expect(stdout).toMatch(/^all-refused +503 upstream_refused /m);
    expect(stdout).toContain("survives 0 of 2 faults");
    expect(exitCode).toBe(0);
  }, 30_000);

  test("the same seed breaks at the same character", async () => {
    const lengths = async (): Promise<readonly number[]> => {
      const { stdout } = await run("--route", "alone", "--fault", "ended-early", "--json");
      return (JSON.parse(stdout) as Document).routes[0]?.rows.map(({ characters }) => characters) ?? [];
    };
    const [once, again] = [await lengths(), await lengths()];
    expect(once[1]).toBeGreaterThan(0);
    expect(again).toEqual(once);
  }, 30_000);

  test.each([
    [["--route", "fats"], 1, "did you mean 'fast'"],
    [["--fault", "cut-mid-steam"], 2, "Did you mean 'cut-mid-stream'"],
    [["--timeout-scale", "2"], 2, "above 0 and up to 1"],
    [["--seed", "x"], 2, "a whole number"],
  ] as const)("%p is refused", async (argv, code, message) => {
    const { exitCode, stderr } = await run(...argv);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });

  test("a proxy that would take the requests away is refused", async () => {
    const flags = { routes: [], faults: [], seed: 1, form: "streamed", answers: "different" } as const;
    const options = { ...flags, config: file, workingDirectory: folder, flags: [] };
    await expect(chaos({ ...options, environment: { HTTP_PROXY: "http://10.0.0.1:3128" } })).rejects.toThrow(
      "NO_PROXY",
    );
  });

  const row: ChaosRow = {
    fault: "cut-mid-stream",
    ending: "answer",
    status: 200,
    errorCode: null,
    characters: 9,
    target: first,
    isRescued: false,
    attempts: [{ target: first, errorCode: null }],
    milliseconds: 3,
    chargePicoUsd: 0,
    unrecorded: [],
  };
  test.each([
    ["an answer", row, 0, "whole answer"],
    ["a cut that looks finished", { ...row, ending: "false-end" }, 1, "LOOKS FINISHED"],
    ["a call without a ledger row", { ...row, unrecorded: [first] }, 1, "NOT IN THE LEDGER"],
  ] as const)("%s decides the exit code", async (_title, one, code, text) => {
    const timeouts = {
      connectMilliseconds: 1,
      headersMilliseconds: 1,
      firstTokenMilliseconds: 1,
      idleMilliseconds: 1,
      totalMilliseconds: 1,
    };
    const { exitCode, stdout } = await runFaked(["chaos"], {
      roles: {
        chaos: async ({ seed, form, answers }) => ({
          seed,
          form,
          answers,
          timeoutScale: 1,
          notes: [],
          routes: [{ route: "fast", target: first, targets: 1, timeouts, rows: [one] }],
        }),
      },
    });
    expect(exitCode).toBe(code);
    expect(stdout).toContain(text);
  });
});

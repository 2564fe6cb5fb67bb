import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fold } from "../../src/ledger/fold.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { createSqliteStores } from "../../src/stores/sqlite/index.ts";
import { sampleCall, sampleDispatch } from "../contracts/sample-calls.ts";

const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`crash test: SEED=${seed}`);
const kills = Number(process.env["KILLS"] ?? 20);

// mulberry32: small, and the same numbers for the same seed everywhere.
const randomFrom = (start: number) => {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
const random = randomFrom(seed);
const directory = mkdtempSync(join(tmpdir(), "crash-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const said = { dispatched: new Set<string>(), settled: new Set<string>(), begun: new Set<string>(), problems: 0 };
const listen = (line: string): void => {
  const [what, id = ""] = line.split(" ");
  if (what === "begin" || what === "late") said.begun.add(id);
  if (what === "dispatched") said.dispatched.add(id);
  if (what === "settled") said.settled.add(id);
  if (what === "problem") said.problems += 1;
};

const runAndKill = async (run: number, durability: string): Promise<void> => {
  const program = Bun.spawn(
    [process.execPath, join(import.meta.dir, "crash-program.ts"), directory, `run${run}`, durability],
    { stdout: "pipe", stderr: "inherit" },
  );
  let text = "";
  let isDoomed = false;
  for await (const chunk of program.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (isDoomed) continue;
    isDoomed = true;
    // From its first word on: between any two steps of journal and fold.
    setTimeout(() => program.kill(9), random() * 60);
  }
  expect(await program.exited).not.toBe(0);
  // The last line may be cut; what it would have said then was not acknowledged.
  for (const line of text.split("\n").slice(0, -1)) listen(line);
};

describe("kill -9 at any instant", () => {
  test(
    "loses no acknowledged call, enters none twice, and accounts for each dispatch",
    async () => {
      for (let run = 0; run < kills; run++) await runAndKill(run, run % 5 === 4 ? "power" : "process");
      const database = openSqlite({ path: join(directory, "ledger.db") });
      const { fold: store, ledger } = createSqliteStores(database);
      const problems: string[] = [];
      const options = { store, directory: join(directory, "journal"), now: Date.now };
      const fold = new Fold({ ...options, onProblem: ({ kind }) => problems.push(kind) });
      await fold.run();
      expect(await fold.run()).toEqual({ settled: 0, interrupted: 0 });

      expect(said.settled.size).toBeGreaterThan(kills);
      for (const id of said.settled) expect(await ledger.callById(id)).toEqual(sampleCall(id));
      let unsettled = 0;
      for (const id of said.dispatched) {
        const call = await ledger.callById(id);
        if (call?.outcome !== "interrupted") continue;
        unsettled += 1;
        expect(said.settled.has(id)).toBe(false);
        expect(call.costPicoUsd).toBe(sampleDispatch(id).worstCasePicoUsd as number);
        expect(call.attempts).toHaveLength(1);
      }
      expect(unsettled).toBeGreaterThan(0);

      // Exactly once: the sums are those of the calls, each counted by its own row.
      const [usage] = await ledger.usage({ groupBy: "route" });
      const known = await Promise.all([...said.begun].map((id) => ledger.callById(id)));
      const entered = known.filter((call) => call !== undefined);
      expect(usage?.calls).toBe(entered.length);
      expect(usage?.attempts).toBe(entered.length);
      expect(usage?.costPicoUsd).toBe(entered.reduce((sum, call) => sum + call.costPicoUsd, 0));
      expect(said.dispatched.difference(new Set(entered.map(({ id }) => id))).size).toBe(0);
      expect(problems).toEqual([]);
      expect(said.problems).toBe(0);
      expect(readdirSync(join(directory, "journal"))).toEqual([]);
      expect(await store.openOwners()).toEqual([]);
      database.close();
      console.log(`${kills} kills: ${said.settled.size} settled, ${unsettled} interrupted`);
    },
    { timeout: 60_000 },
  );
});

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import { framesOf } from "../../test/ledger/frames.ts";
import type { SqlDatabase } from "../core/ports/sql.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { createSqliteStores } from "../stores/sqlite/index.ts";
import { Fold, type FoldOptions, forgetMilliseconds, type JournalProblem, staleMilliseconds } from "./fold.ts";
import { startFolder } from "./folder.ts";
import type { SegmentRecord } from "./frame.ts";
import { type Liveness, segmentName } from "./owner.ts";

let directory = "";
let database: SqlDatabase;
let problems: JournalProblem[] = [];
let living: Record<string, Liveness> = {};
const noon = Date.UTC(2026, 10, 30);
let now = noon;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "fold-"));
  database = openSqlite({ path: join(directory, "ledger.db") });
  problems = [];
  living = {};
  now = noon;
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true, force: true });
});

const owner = "boot-1-2-3-aa";
const segment = (sequence: number, by = owner): string => join(directory, segmentName(by, sequence));
const settled = (id: string): SegmentRecord => ({ type: "settled", call: sampleCall(id) });
const files = () => readdirSync(directory).filter((name) => name.includes(".journal"));

const setUp = () => {
  const { fold: store, ledger } = createSqliteStores(database);
  const options: FoldOptions = {
    store,
    directory,
    onProblem: (problem) => problems.push(problem),
    now: () => now,
    liveness: (by) => living[by] ?? "alive",
  };
  const outcomes = async () =>
    Object.fromEntries((await ledger.recentCalls({ limit: 100 })).map(({ id, outcome }) => [id, outcome]));
  return { options, fold: new Fold(options), ledger, store, outcomes };
};

describe("Fold", () => {
  test("follows a living segment, and keeps it", async () => {
    const { fold, outcomes } = setUp();
    const growing = framesOf(sampleDispatch("a"), settled("a"), sampleDispatch("b"), settled("b"));
    for (let end = 0; end <= growing.length; end += 97) {
      writeFileSync(segment(1), growing.subarray(0, end));
      await fold.run();
    }
    writeFileSync(segment(1), growing);
    await fold.run();
    expect(await outcomes()).toEqual({ a: "ok", b: "ok" });
    expect(problems).toEqual([]);
    expect(files()).toHaveLength(1);
  });

  test("enters a dispatch of the dead as interrupted, at its worst case, and removes the segment", async () => {
    const { fold, ledger } = setUp();
    const unbounded = sampleDispatch("c", { worstCasePicoUsd: null });
    writeFileSync(
      segment(1),
      framesOf(sampleDispatch("a"), settled("a"), sampleDispatch("b"), sampleDispatch("b", { attempt: 2 }), unbounded),
    );
    await fold.run();
    expect(await ledger.callById("b")).toBeUndefined();
    living[owner] = "dead";
    expect(await fold.run()).toEqual({ settled: 0, interrupted: 2 });
    expect(await ledger.callById("b")).toMatchObject({
      outcome: "interrupted",
      keyId: "key-1",
      costPicoUsd: 18_000_000_000,
      chargePicoUsd: 0,
      attempts: [
        { number: 1, outcome: "interrupted", costSource: "bound", costPicoUsd: 9_000_000_000 },
        { number: 2, outcome: "interrupted", costSource: "bound", costPicoUsd: 9_000_000_000 },
      ],
    });
    expect(await ledger.callById("c")).toMatchObject({ costPicoUsd: 0, attempts: [{ costSource: "unpriced" }] });
    expect((await ledger.callById("a"))?.outcome).toBe("ok");
    expect(files()).toEqual([]);
  });

  test("matches a settlement in a later segment, though the first is gone by then", async () => {
    const { fold, outcomes } = setUp();
    writeFileSync(segment(1), framesOf(sampleDispatch("a"), sampleDispatch("b")));
    writeFileSync(segment(2), framesOf());
    await fold.run();
    expect(files()).toEqual([segmentName(owner, 2)]);
    appendFileSync(segment(2), framesOf(settled("a")));
    living[owner] = "dead";
    await fold.run();
    expect(await outcomes()).toEqual({ a: "ok", b: "interrupted" });
    expect(files()).toEqual([]);
  });

  test("a closed journal's calls in flight are interrupted while its process lives on", async () => {
    const { fold, outcomes } = setUp();
    writeFileSync(segment(1), framesOf(sampleDispatch("a"), settled("b"), { type: "closed" }));
    await fold.run();
    expect(await outcomes()).toEqual({ a: "interrupted", b: "ok" });
    expect(files()).toEqual([]);
  });

  test("sweeps dispatches whose segments are gone: their folder died between two steps", async () => {
    const { fold, store, outcomes } = setUp();
    const dispatched = [sampleDispatch("a")];
    await store.apply({ segment: "gone", owner, from: 0, to: 9, dispatched, settled: [], gaps: 0 });
    await fold.run();
    expect(await outcomes()).toEqual({ a: "interrupted" });
  });

  test("cuts the torn tail of the dead, and says so", async () => {
    const { fold, outcomes } = setUp();
    const torn = framesOf(settled("b")).subarray(0, 50);
    writeFileSync(segment(1), Buffer.concat([framesOf(settled("a")), torn]));
    living[owner] = "dead";
    await fold.run();
    expect(await outcomes()).toEqual({ a: "ok" });
    expect(problems).toMatchObject([{ kind: "torn", bytes: 50 }]);
    expect(files()).toEqual([]);
  });

  test("passes over damage loudly, takes what follows, and keeps the file", async () => {
    const { fold, outcomes } = setUp();
    const [a, b, c] = [framesOf(settled("a")), framesOf(settled("b")), framesOf(sampleDispatch("b"), settled("c"))];
    b[100] = (b[100] as number) ^ 1;
    writeFileSync(segment(1), Buffer.concat([a, b, c]));
    living[owner] = "dead";
    await fold.run();
    expect(await outcomes()).toEqual({ a: "ok", b: "interrupted", c: "ok" });
    expect(problems).toEqual([{ segment: segmentName(owner, 1), kind: "corrupt", offset: a.length, bytes: b.length }]);
    expect(files()).toEqual([`${segmentName(owner, 1)}.corrupt`]);
    await fold.run();
    expect(problems).toHaveLength(1);
  });

  test("a record that the tables refuse is kept aside, told of, and stops nothing", async () => {
    const { fold, ledger, outcomes } = setUp();
    const refused = sampleCall("x", { costPicoUsd: Number.NaN });
    const stranger = { type: "rebooked" } as unknown as SegmentRecord;
    const records = framesOf(
      sampleDispatch("x"),
      settled("a"),
      { type: "settled", call: refused },
      stranger,
      settled("b"),
    );
    writeFileSync(segment(1), records);
    living[owner] = "dead";
    await fold.run();
    expect(await outcomes()).toEqual({ a: "ok", b: "ok", x: "interrupted" });
    expect((await ledger.callById("x"))?.costPicoUsd).toBe(9_000_000_000);
    expect(problems.map(({ kind, refused: record }) => [kind, record?.call])).toEqual([
      ["refused", "x"],
      ["refused", null],
    ]);
    expect(database.prepare("SELECT count(*) AS n FROM quarantine").get<{ n: number }>()).toEqual({ n: 2 });
    expect(files()).toEqual([]);
  });

  test.each([1, 2])("takes in records of version %d, and what came after them", async (version) => {
    const { fold, ledger, outcomes } = setUp();
    const fixture = resolve(import.meta.dir, `../../test/ledger/fixtures/version-${version}.journal`);
    copyFileSync(fixture, segment(1));
    const later = "boot-1-2-3-bb";
    writeFileSync(segment(1, later), framesOf(sampleDispatch("d"), settled("d")));
    await fold.run();
    expect(await outcomes()).toEqual({ a: "ok", b: "ok", c: "interrupted", d: "ok" });
    expect(await ledger.callById("a")).toEqual(sampleCall("a", { errorMessage: "naïve – 日本語 𝄞" }));
    expect((await ledger.callById("b"))?.attempts).toMatchObject([
      { outcome: "error", errorMessage: 'It "failed".', costSource: "none" },
      { number: 2, outcome: "ok" },
    ]);
    expect(problems).toEqual([]);
    expect(files()).toEqual([segmentName(later, 1)]);
  });

  test("forgets where it was in a segment, some time after its file is gone", async () => {
    const { fold, store } = setUp();
    writeFileSync(segment(1), framesOf(settled("a")));
    living[owner] = "dead";
    await fold.run();
    const kept = async (after: number) => {
      now += after;
      await fold.run();
      return store.segments();
    };
    // Whoever read the file just before it went may still be entering what they read.
    expect(await kept(0)).toEqual([segmentName(owner, 1)]);
    expect(await kept(forgetMilliseconds)).toEqual([segmentName(owner, 1)]);
    expect(await kept(forgetMilliseconds - 1)).toEqual([segmentName(owner, 1)]);
    expect(await kept(1)).toEqual([]);
  });

  test("reads segments and records larger than one read", async () => {
    const { fold, ledger } = setUp();
    const large = sampleCall("large", { errorMessage: "x".repeat(3_000_000) });
    const many = Array.from({ length: 2_000 }, (_, index) => settled(`call-${index}`));
    writeFileSync(segment(1), framesOf(...many, { type: "settled", call: large }, settled("last")));
    expect((await fold.run()).settled).toBe(2_002);
    expect((await ledger.usage({ groupBy: "route" }))[0]?.calls).toBe(2_002);
    expect(await ledger.callById("large")).toEqual(large);
  });

  test("a call that is open from one read to the next is entered once, and its dispatch removed", async () => {
    const { options, store, outcomes, ledger } = setUp();
    const open: number[] = [];
    const fold = new Fold({
      ...options,
      store: {
        ...store,
        apply: (group) => {
          open.push(group.dispatched.length);
          return store.apply(group);
        },
      },
    });
    const between = Array.from({ length: 4_000 }, (_, index) => settled(`call-${index}`));
    writeFileSync(segment(1), framesOf(sampleDispatch("slow"), sampleDispatch("open"), ...between, settled("slow")));
    await fold.run();
    expect(open.length).toBeGreaterThan(1);
    expect(open[0]).toBe(2);
    expect((await store.openDispatches(owner)).map(({ call }) => call.id)).toEqual(["open"]);
    expect((await ledger.usage({ groupBy: "route" }))[0]?.calls).toBe(4_001);
    expect(await outcomes()).not.toHaveProperty("open");
  });

  test("of several who fold at once, each record goes in once", async () => {
    const { options, ledger } = setUp();
    writeFileSync(segment(1), framesOf(...Array.from({ length: 3_000 }, (_, index) => settled(`call-${index}`))));
    living[owner] = "dead";
    const reports = await Promise.all(
      [new Fold(options), new Fold(options), new Fold(options)].map((fold) => fold.run()),
    );
    expect(reports.reduce((sum, report) => sum + report.settled, 0)).toBe(3_000);
    expect((await ledger.usage({ groupBy: "route" }))[0]).toMatchObject({
      calls: 3_000,
      costPicoUsd: 3_000 * 4_500_000,
    });
  });

  test("a process that cannot be seen counts as dead once its segments are stale", async () => {
    const { fold, outcomes } = setUp();
    writeFileSync(segment(1), framesOf(sampleDispatch("a")));
    living[owner] = "elsewhere";
    const touched = (age: number) => utimesSync(segment(1), (now - age) / 1_000, (now - age) / 1_000);
    touched(staleMilliseconds);
    await fold.run();
    expect(await outcomes()).toEqual({});
    touched(staleMilliseconds + 10);
    await fold.run();
    expect(await outcomes()).toEqual({ a: "interrupted" });
  });
});

describe("startFolder", () => {
  test("folds everything on request, and once more when it stops", async () => {
    const { options, outcomes } = setUp();
    const folder = startFolder({
      ...options,
      intervalMilliseconds: 60_000,
      onError: (error) => expect(error).toBeNull(),
    });
    writeFileSync(segment(1), framesOf(settled("a")));
    const first = folder.foldOnce();
    appendFileSync(segment(1), framesOf(settled("b")));
    await Promise.all([first, folder.foldOnce()]);
    expect(await outcomes()).toEqual({ a: "ok", b: "ok" });
    appendFileSync(segment(1), framesOf(settled("c")));
    expect(await folder.stop()).toEqual({ settled: 1, interrupted: 0 });
  });

  test("tries again after a fold that failed", async () => {
    const { options, outcomes } = setUp();
    const { promise: failed, resolve } = Promise.withResolvers<unknown>();
    let isBroken = true;
    const store = {
      ...options.store,
      openOwners: () => {
        if (isBroken) throw new Error("locked");
        return options.store.openOwners();
      },
    };
    writeFileSync(segment(1), framesOf(settled("a")));
    const folder = startFolder({ ...options, store, intervalMilliseconds: 1, onError: resolve });
    expect(String(await failed)).toContain("locked");
    isBroken = false;
    await folder.stop();
    expect(await outcomes()).toEqual({ a: "ok" });
  });
});

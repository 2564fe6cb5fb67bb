import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleCall, sampleDispatch } from "../../test/contracts/sample-calls.ts";
import { readFrames } from "../../test/ledger/frames.ts";
import { GatewayError } from "../core/errors.ts";
import type { JournalRecord } from "../core/ledger.ts";
import type { AppendFile, OpenAppendFile } from "../core/ports/append-file.ts";
import { openAppendFile } from "../runtime/append-file.ts";
import type { SegmentRecord } from "./frame.ts";
import { type JournalOptions, openJournal } from "./journal.ts";
import { livenessOf, parseSegmentName } from "./owner.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const settled = (id: string): JournalRecord => ({ type: "settled", call: sampleCall(id) });
const open = (options: Partial<JournalOptions> = {}) =>
  openJournal({ directory, durability: "process", openFile: openAppendFile, ...options });
const segments = () => readdirSync(directory).toSorted();
const written = () =>
  segments().flatMap((name) => readFrames(readFileSync(join(directory, name))).records as SegmentRecord[]);
const ids = () => written().map((record) => (record.type === "settled" ? record.call.id : record.type));

/** A file in memory whose next operations fail as told. */
const memoryFile = () => {
  const state = {
    bytes: [] as number[],
    writes: 0,
    syncs: 0,
    failing: undefined as GatewayError | undefined,
    isSound: true,
  };
  const fail = () => {
    if (state.failing !== undefined) throw state.failing;
  };
  const file: AppendFile = {
    path: "memory",
    get size() {
      return state.bytes.length;
    },
    get isSound() {
      return state.isSound;
    },
    append: (bytes, length = bytes.length) => {
      fail();
      state.writes += 1;
      state.bytes.push(...bytes.subarray(0, length));
    },
    sync: async () => {
      state.syncs += 1;
      await Promise.resolve();
      fail();
    },
    syncNow: fail,
    touch: fail,
    close: () => undefined,
  };
  return { state, file };
};

describe("openJournal", () => {
  test("what is appended within a turn of the loop is in the file once its one write is done", async () => {
    const { state, file } = memoryFile();
    const journal = open({ openFile: () => file });
    const told: (GatewayError | undefined)[] = [];
    const writes = ["a", "b", "c"].map((id) => journal.append(settled(id), (failure) => told.push(failure)));
    expect([new Set(writes).size, state.writes, told.length]).toEqual([1, 0, 0]);
    await writes[0];
    expect([state.writes, told]).toEqual([1, [undefined, undefined, undefined]]);
    expect(readFrames(Uint8Array.from(state.bytes)).records).toEqual([settled("a"), settled("b"), settled("c")]);
    expect(journal.flushed()).toBeUndefined();
    await journal.append(sampleDispatch("d"));
    expect(state.writes).toBe(2);
  });

  test("the turn's write comes after what else is ready, and before the loop waits again", async () => {
    const journal = open();
    const order: string[] = [];
    void journal.append(settled("a"))?.then(() => order.push("written"));
    void Promise.resolve().then(() => order.push("in the turn"));
    setTimeout(() => order.push("a later one"), 5);
    await Bun.sleep(10);
    expect(order).toEqual(["in the turn", "written", "a later one"]);
  });

  test("more than fits into one write does not wait for the end of the turn", async () => {
    const { state, file } = memoryFile();
    const journal = open({ openFile: () => file });
    const large = (id: string): JournalRecord => ({
      type: "settled",
      call: { ...sampleCall(id), errorMessage: "é".repeat(30_000) },
    });
    const records = ["a", "b", "c", "d"].map(large);
    const writes = records.map((record) => journal.append(record));
    expect([new Set(writes).size, state.writes]).toEqual([2, 1]);
    await Promise.all(writes);
    expect(state.writes).toBe(2);
    expect(readFrames(Uint8Array.from(state.bytes)).records).toEqual(records);
  });

  test("the end writes what is left of the turn", async () => {
    const journal = open();
    const written = journal.append(settled("a"));
    const closed = journal.close();
    expect(ids()).toEqual(["a", "closed"]);
    await Promise.all([written, closed]);
    expect(() => journal.append(settled("b"))).toThrow("shutting down");
    await journal.close();
  });

  test("begins a new segment before one grows too large, under the same owner", async () => {
    const journal = open({ segmentBytes: 2_000 });
    const names = Array.from({ length: 20 }, (_, index) => `call-${index}`);
    for (const name of names) journal.append(settled(name));
    await journal.close();
    const parsed = segments().map(parseSegmentName);
    expect(parsed.length).toBeGreaterThan(4);
    expect(parsed.map((segment) => segment?.sequence)).toEqual(parsed.map((_, index) => index + 1));
    expect(new Set(parsed.map((segment) => segment?.owner))).toEqual(new Set([journal.owner]));
    expect(ids()).toEqual([...names, "closed"]);
    expect(livenessOf(journal.owner)).toBe("alive");
  });

  test("a directory that cannot be made or written is refused, and named", () => {
    const inFile = join(directory, "file");
    open().append(settled("a"));
    Bun.spawnSync(["touch", inFile]);
    expect(() => open({ directory: join(inFile, "journal") })).toThrow(inFile);
    expect(() => open({ directory: "/proc/journal" })).toThrow(GatewayError);
  });

  test("after a failed write the next record is taken again", async () => {
    const { state, file } = memoryFile();
    const journal = open({ openFile: () => file });
    state.failing = new GatewayError("storage_unavailable", "full");
    await expect(journal.append(sampleDispatch("a"))).rejects.toThrow("cannot record");
    state.failing = undefined;
    expect(journal.append(settled("b"))).toBeUndefined();
    expect(readFrames(Uint8Array.from(state.bytes)).records).toEqual([settled("b")]);
  });

  test("half a record that cannot be cut off is followed by nothing: a new segment begins", async () => {
    const [first, second] = [memoryFile(), memoryFile()];
    const files = [first.file, second.file];
    const openFile: OpenAppendFile = () => files.shift() ?? second.file;
    const journal = open({ openFile });
    await journal.append(settled("a"));
    first.state.isSound = false;
    await journal.append(settled("b"));
    expect(readFrames(Uint8Array.from(first.state.bytes)).records).toEqual([settled("a")]);
    expect(readFrames(Uint8Array.from(second.state.bytes)).records).toEqual([settled("b")]);
  });

  test("without room for a new segment the old one grows on", async () => {
    const { state, file } = memoryFile();
    let opened = 0;
    const openFile: OpenAppendFile = () => {
      opened += 1;
      if (opened > 1) throw new GatewayError("storage_unavailable", "full");
      return file;
    };
    const journal = open({ openFile, segmentBytes: 10 });
    await Promise.all([journal.append(settled("a")), journal.append(settled("b"))]);
    expect(opened).toBe(2);
    expect(readFrames(Uint8Array.from(state.bytes)).records).toHaveLength(2);
  });
});

describe("a full disk", () => {
  const full = new GatewayError("storage_unavailable", "full");
  const free = (id: string): JournalRecord => ({ type: "settled", call: { ...sampleCall(id), attempts: [] } });
  const ended = (id: string, outcome: "ok" | "error"): JournalRecord => ({
    type: "settled",
    call: { ...sampleCall(id), outcome },
  });

  test("a settlement is refused, and written before anything else once there is room: its last form, once", async () => {
    const { state, file } = memoryFile();
    const late: string[] = [];
    const journal = open({ openFile: () => file, onWrittenLate: ({ id, outcome }) => late.push(`${id} ${outcome}`) });
    state.failing = full;
    await expect(journal.append(ended("a", "ok"))).rejects.toThrow("cannot record");
    expect(() => journal.append(ended("a", "error"))).toThrow("cannot record");
    expect(() => journal.append(settled("b"))).toThrow("cannot record");
    expect(late).toEqual([]);
    state.failing = undefined;
    journal.append(settled("c"));
    const { records } = readFrames(Uint8Array.from(state.bytes));
    expect(records).toEqual([ended("a", "error"), settled("b"), settled("c")]);
    expect(late).toEqual([`a error`, `b ${sampleCall("b").outcome}`]);
  });

  test("of a turn without room nothing is written, and each of its records is told so; what is owed is kept", async () => {
    const { state, file } = memoryFile();
    const late: string[] = [];
    const journal = open({ openFile: () => file, onWrittenLate: ({ id }) => late.push(id) });
    state.failing = full;
    const told: (string | undefined)[] = [];
    const append = (record: JournalRecord) => journal.append(record, (failure) => told.push(failure?.code));
    const writes = [append(sampleDispatch("a")), append(settled("b")), append(free("c")), append(settled("d"))];
    const results = await Promise.allSettled(writes);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled", "rejected"]);
    expect(told).toEqual(["storage_unavailable", "storage_unavailable", undefined, "storage_unavailable"]);
    state.failing = undefined;
    expect(journal.append(sampleDispatch("e"))).toBeUndefined();
    const { records } = readFrames(Uint8Array.from(state.bytes));
    expect(records).toEqual([settled("b"), settled("d"), free("c"), sampleDispatch("e")]);
    expect(late).toEqual(["b", "d"]);
  });

  test("nothing is dispatched while a settlement waits, though its own record would fit", async () => {
    const { state, file } = memoryFile();
    const journal = open({ openFile: () => file });
    state.failing = full;
    await expect(journal.append(settled("a"))).rejects.toThrow("cannot record");
    expect(() => journal.append(sampleDispatch("b"))).toThrow("cannot record");
    expect(state.bytes).toEqual([]);
  });

  test("a call that dispatched nothing is not refused its end", async () => {
    const { state, file } = memoryFile();
    const late: string[] = [];
    const journal = open({ openFile: () => file, onWrittenLate: ({ id }) => late.push(id) });
    state.failing = full;
    await journal.append(free("a"));
    state.failing = undefined;
    journal.append(settled("b"));
    expect(readFrames(Uint8Array.from(state.bytes)).records).toEqual([free("a"), settled("b")]);
    // It was told of already.
    expect(late).toEqual([]);
  });

  test("what waits is written without another call, too, and at the end at the latest", async () => {
    for (const end of [() => Bun.sleep(400), "close"] as const) {
      const { state, file } = memoryFile();
      const journal = open({ openFile: () => file });
      state.failing = full;
      await expect(journal.append(settled("a"))).rejects.toThrow("cannot record");
      state.failing = undefined;
      if (end === "close") await journal.close();
      else await end();
      expect(readFrames(Uint8Array.from(state.bytes)).records[0]).toEqual(settled("a"));
    }
  });

  test("says that it is full, to clients without the file's name, until there is room", async () => {
    for (const record of [settled("a"), sampleDispatch("a"), free("a")]) {
      const { state, file } = memoryFile();
      const told: (string | undefined)[] = [];
      const journal = open({ openFile: () => file, onRoom: (refusal) => told.push(refusal?.message) });
      expect(journal.refusal()).toBeUndefined();
      state.failing = new GatewayError("storage_unavailable", "Cannot write /data/journal (ENOSPC).");
      for (const _ of ["once", "again"])
        try {
          await journal.append(record);
        } catch (error) {
          expect(error).toBe(journal.refusal());
        }
      expect(journal.refusal()).toMatchObject({ code: "storage_unavailable", cause: state.failing });
      expect(journal.refusal()?.message).not.toContain("/");
      state.failing = undefined;
      await Bun.sleep(400);
      expect(journal.refusal()).toBeUndefined();
      expect(told).toEqual(["Cannot write /data/journal (ENOSPC).", undefined]);
    }
  });

  test("a record that is too large stands in nobody's way", async () => {
    const { state, file } = memoryFile();
    const journal = open({ openFile: () => file });
    const before = journal.append(settled("a"));
    const huge = { ...sampleCall("huge"), errorMessage: "x".repeat(17 << 20) };
    expect(() => journal.append({ type: "settled", call: huge })).toThrow("too large");
    expect(journal.refusal()).toBeUndefined();
    await Promise.all([before, journal.append(settled("b"))]);
    expect(readFrames(Uint8Array.from(state.bytes)).records).toEqual([settled("a"), settled("b")]);
  });

  test("the journal ends in order though there is no room for its last record", async () => {
    const { state, file } = memoryFile();
    const journal = open({ openFile: () => file });
    state.failing = full;
    await journal.close();
    expect(() => journal.append(settled("a"))).toThrow("shutting down");
  });
});

describe("durability: power", () => {
  test("flushed resolves after a sync that began after the write, shared by all who wait", async () => {
    const { state, file } = memoryFile();
    const journal = open({ durability: "power", openFile: () => file });
    expect(journal.flushed()).toBeUndefined();
    await journal.append(settled("b"));
    const first = journal.flushed();
    await journal.append(settled("c"));
    const waiting = [journal.flushed(), journal.flushed(), journal.flushed()];
    await Promise.all([first, ...waiting]);
    expect(state.syncs).toBe(2);
    expect(journal.flushed()).toBeUndefined();
  });

  test("works on a real disk, across segments", async () => {
    const journal = open({ durability: "power", segmentBytes: 1_500 });
    for (let index = 0; index < 10; index++) {
      await journal.append(settled(`call-${index}`));
      if (index % 3 === 0) await journal.flushed();
    }
    await journal.close();
    expect(written()).toHaveLength(11);
  });

  test("after a failed sync everything is refused, and the owner of the journal told once", async () => {
    const { state, file } = memoryFile();
    const faults: GatewayError[] = [];
    const journal = open({ durability: "power", openFile: () => file, onFault: (error) => faults.push(error) });
    await journal.append(settled("a"));
    state.failing = new GatewayError("storage_unavailable", "disk error");
    const syncing = journal.flushed();
    // It is in the buffer when the sync fails.
    const later = journal.append(sampleDispatch("c"));
    await expect(syncing).rejects.toThrow("cannot record");
    state.failing = undefined;
    await expect(later).rejects.toThrow("cannot record");
    expect(readFrames(Uint8Array.from(state.bytes)).records).toEqual([settled("a")]);
    expect(() => journal.append(settled("b"))).toThrow("cannot record");
    await expect(journal.flushed()).rejects.toThrow("cannot record");
    expect(faults.map(({ message }) => message)).toEqual(["disk error"]);
    expect(journal.refusal()?.cause).toBe(faults[0]);
  });
});

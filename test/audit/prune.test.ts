import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuditJoin, createAuditLog, headAdvancer } from "../../src/audit/audit-log.ts";
import { auditSeal } from "../../src/audit/canonical-form.ts";
import { openHeadFile } from "../../src/audit/head-file.ts";
import { pruneAudit } from "../../src/roles/prune-audit.ts";
import { openSqlite } from "../../src/runtime/sqlite.ts";
import { createSqliteAuditStore } from "../../src/stores/sqlite/audit-store.ts";
import { createSqliteStores } from "../../src/stores/sqlite/index.ts";
import { administer, eventually } from "../e2e/ask.ts";
import { runProgram } from "../e2e/run-program.ts";
import { startGateway } from "../support/start-gateway.ts";
import { rowsOf, tamper } from "./rows.ts";

const day = 86_400_000;
const root = mkdtempSync(join(tmpdir(), "audit-prune-"));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
let now = 0;
let folders = 0;
beforeEach(() => {
  folder = mkdtempSync(join(root, String(folders++)));
});

/** The log and the stores of a data folder, at a time that the test says. */
const open = () => {
  const database = openSqlite({ path: join(folder, "intellirouter.db") });
  const parts = { store: createSqliteAuditStore(database, auditSeal), head: openHeadFile(join(folder, "audit.head")) };
  const clock = (): number => now;
  const audit = createAuditLog({ ...parts, now: clock });
  const stores = createSqliteStores(database, createAuditJoin(clock, headAdvancer(parts)));
  return { database, audit, ...stores };
};
let opened: ReturnType<typeof open> | undefined;
afterEach(() => {
  opened?.database.close();
  opened = undefined;
});

/** One act on each of so many days up to today. */
const actDaily = async (days: number, today: number) => {
  opened ??= open();
  const { audit, registry } = opened;
  for (let ago = days - 1; ago >= 0; ago--) {
    now = today - ago * day;
    const act = {
      actor: "local",
      tenant: "default",
      action: "setting.put",
      requestId: null,
      remoteAddress: null,
    } as const;
    await audit.perform({ ...act, object: { kind: "setting", id: "x" }, order: "with" }, () =>
      registry.put("setting", { name: "x", value: { ago } }, { at: now }),
    );
  }
};
const prune = (keepDays: number | undefined): Promise<number> =>
  pruneAudit({
    storage: opened as NonNullable<typeof opened>,
    settings: () => ({ keepDays }),
    logger: undefined as never,
    now: () => now,
  });
const verify = () => (opened as NonNullable<typeof opened>).audit.verify();
const today = Date.UTC(2026, 10, 21, 12);

describe("pruning", () => {
  test("keeps all rows where nothing is said, and writes no row where none is too old", async () => {
    await actDaily(10, today);
    expect([await prune(undefined), await prune(10), await prune(365)]).toEqual([0, 0, 0]);
    expect(await verify()).toMatchObject({ ok: true, rows: 10, from: null });
  });

  test("takes the oldest rows, says so in a row, and what is left is verified from there", async () => {
    await actDaily(10, today);
    const hash = opened?.audit.list({ after: 5, limit: 1 })[0]?.hash;
    expect(await prune(4)).toBe(5);
    expect(await prune(4)).toBe(0);
    const report = await verify();
    expect(report).toMatchObject({ ok: true, rows: 6, broken: null, head: { state: "agrees" }, from: { sequence: 5 } });
    expect(opened?.audit.list({ after: 5, limit: 1 })[0]).toMatchObject({ sequence: 6, hash });
    const [row] = opened?.audit.list({ limit: 1 }) ?? [];
    expect(row).toMatchObject({ sequence: 11, action: "audit.prune", actor: "program", outcome: "ok" });
    expect(JSON.parse(row?.changes ?? "")).toEqual([
      ["firstRow", "1", "6"],
      ["hashBefore", "0".repeat(64), report.from?.hash],
    ]);
  });

  test("again and again: the newest row that tells of it counts, and the rows before it may go too", async () => {
    await actDaily(10, today);
    for (const later of [1, 5, 20, 400]) {
      now = today + later * day;
      await prune(4);
      expect(await verify()).toMatchObject({ ok: true, broken: null, head: { state: "agrees" } });
    }
    // The newest row always stays, and with it the one that tells of the pruning.
    expect((await verify()).rows).toBe(2);
  });

  test("the table takes no other deletion afterwards", async () => {
    await actDaily(10, today);
    await prune(4);
    expect(() => opened?.database.exec("DELETE FROM audit WHERE sequence = 6")).toThrow("append-only");
  });

  test("a pruning whose row cannot be written takes nothing", async () => {
    await actDaily(10, today);
    opened?.database.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
    await expect(prune(4)).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(opened?.audit.list({ after: 0, limit: 100 })).toHaveLength(10);
    opened?.database.exec("DROP TRIGGER full");
    expect(() => opened?.database.exec("DELETE FROM audit")).toThrow("append-only");
    expect(await verify()).toMatchObject({ ok: true, from: null });
  });

  test("rows that somebody else took from the beginning are missed, before and after a pruning", async () => {
    await actDaily(10, today);
    const take = (sequence: number): void => {
      opened?.database.exec("DROP TRIGGER audit_keeps_rows");
      opened?.database.exec(`DELETE FROM audit WHERE sequence <= ${sequence}`);
    };
    await prune(4);
    take(7);
    expect(await verify()).toMatchObject({ ok: false, broken: { sequence: 6 } });
    folder = mkdtempSync(join(root, "second"));
    opened?.database.close();
    opened = undefined;
    await actDaily(10, today);
    take(3);
    expect(await verify()).toMatchObject({ ok: false, broken: { sequence: 1 } });
  });
});

test("the program prunes by audit.keepDays when it starts, and `audit verify` says from where", async () => {
  await actDaily(50, Date.now());
  opened?.database.close();
  opened = undefined;
  const gateway = await startGateway({ configuration: { audit: { keepDays: 30 } }, dataFolder: folder });
  try {
    await eventually("old rows are gone", async () => (await rowsOf(gateway))[0]?.sequence > 1);
    const rows = await rowsOf(gateway);
    expect(rows[0].sequence).toBe(21);
    expect(rows.filter(({ action }) => action === "audit.prune")).toHaveLength(1);
    const { body } = await administer(gateway, "/audit/verify");
    expect(body).toMatchObject({ ok: true, from: { sequence: 20 } });
    const { exitCode, output } = await runProgram(["audit", "verify", "--data", folder]);
    expect(exitCode).toBe(0);
    expect(output).toContain("verified from row 21");
    tamper(folder, (database) => {
      database.run("DROP TRIGGER audit_keeps_rows");
      database.run("DELETE FROM audit WHERE sequence = 21");
    });
    expect((await runProgram(["audit", "verify", "--data", folder])).exitCode).toBe(1);
  } finally {
    await gateway.stop();
    await gateway.dispose();
  }
});

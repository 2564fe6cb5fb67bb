import { describe, expect, test } from "bun:test";
import { openHeldJournal } from "../../test/support/held-journal.ts";
import { CallScope } from "./call-scope.ts";
import { GatewayError } from "./errors.ts";
import type { CallRecord, JournalRecord } from "./ledger.ts";
import type { Target } from "./model.ts";
import type { Journal } from "./ports/journal.ts";

const target: Target = {
  id: "p/m",
  provider: "p",
  kind: "openai",
  model: "m",
  facts: { price: { input: 1, output: 2 } },
};

const create = (append: Journal["append"] = () => undefined) => {
  const settled: CallRecord[] = [];
  let ended = 0;
  const scope = new CallScope({
    head: {
      id: "c",
      operation: "chat",
      tenant: "default",
      team: null,
      keyId: null,
      route: "r",
      requestedModel: "r",
      streamed: false,
    },
    clock: { monotonic: () => 0, wall: () => 0 },
    journal: { append, flushed: () => undefined },
    estimateInputTokens: () => 100,
    onEnded: () => {
      ended += 1;
    },
    onSettled: (record) => settled.push(record),
  });
  return { scope, settled, ended: () => ended };
};

describe("CallScope", () => {
  test("settles once, whoever comes first", () => {
    const { scope, settled, ended } = create();
    const first = scope.finish({ outcome: "ok", status: 200 });
    expect(scope.finish({ outcome: "error", status: 500 })).toBe(first);
    expect([settled.length, ended()]).toEqual([1, 1]);
  });

  test("a settlement that could not be kept is none, and may be tried again; the call is over all the same", () => {
    let isFull = true;
    const { scope, settled, ended } = create(() => {
      if (isFull) throw new GatewayError("storage_unavailable", "full");
    });
    expect(() => scope.finish({ outcome: "ok", status: 200 })).toThrow("full");
    expect([settled.length, ended(), scope.isFinished]).toEqual([0, 1, false]);
    isFull = false;
    scope.finish({ outcome: "error", status: 503 });
    expect([settled.length, ended(), settled[0]?.outcome]).toEqual([1, 1, "error"]);
  });

  test("no upstream is called whose dispatch could not be kept", () => {
    const { scope } = create(() => {
      throw new GatewayError("storage_unavailable", "full");
    });
    expect(() => scope.dispatch(target, 0)).toThrow("full");
    expect(scope.attempts).toEqual([]);
  });

  test("settles when its record is written, not before; the call is over before that", async () => {
    const { journal, write } = openHeldJournal();
    const { scope, settled, ended } = create(journal.append);
    const record = scope.finish({ outcome: "ok", status: 200 });
    expect([settled, ended(), scope.isFinished]).toEqual([[], 1, true]);
    expect(scope.finish({ outcome: "error", status: 500 })).toBe(record);
    write();
    expect(settled).toEqual([record]);
    await scope.journalled;
  });

  test("a settlement that could not be written is none, and may be tried again", async () => {
    const { journal, write, refuse } = openHeldJournal();
    const { scope, settled, ended } = create(journal.append);
    scope.finish({ outcome: "ok", status: 200 });
    const failed = scope.journalled;
    refuse(new GatewayError("storage_unavailable", "full"));
    await expect(failed).rejects.toThrow("full");
    expect([settled.length, scope.isFinished]).toEqual([0, false]);
    scope.finish({ outcome: "error", status: 503 });
    write();
    expect(settled.map(({ outcome }) => outcome)).toEqual(["error"]);
    expect(ended()).toBe(1);
  });

  test("an attempt whose dispatch could not be written is none; its number is free again", async () => {
    const { journal, write, refuse } = openHeldJournal();
    const { scope } = create(journal.append);
    const first = scope.dispatch(target, 0);
    write();
    first.release();
    const lost = scope.dispatch(target, 0);
    refuse(new GatewayError("storage_unavailable", "full"));
    await expect(lost.journalled).rejects.toThrow("full");
    expect(scope.attempts).toEqual([first]);
    scope.dispatch(target, 0);
    expect(scope.attempts.map((attempt) => attempt.record().number)).toEqual([1, 2]);
  });

  test("an attempt that ends before its dispatch is written has asked nobody, and costs nothing", () => {
    const { journal, held, write } = openHeldJournal();
    const { scope, settled } = create(journal.append);
    scope.dispatch(target, 500);
    scope.finish({ outcome: "aborted", status: 499 });
    expect(held()).toEqual(["dispatched", "settled"]);
    write();
    expect(settled[0]?.attempts).toMatchObject([
      { outcome: "aborted", costSource: "none", costPicoUsd: 0, usage: null },
    ]);
  });

  test("costs all attempts, charges those that the client got content from", () => {
    const { scope, settled } = create();
    const lost = scope.dispatch(target, 0);
    lost.usage({ inputTokens: 10, outputTokens: 0 });
    lost.end("error", new GatewayError("upstream_invalid_response", "cut"));
    const answering = scope.dispatch(target, 0);
    answering.usage({ inputTokens: 10, outputTokens: 5 });
    answering.deliver();
    answering.end("ok");
    scope.finish({ outcome: "ok", status: 200 });
    expect(settled[0]).toMatchObject({ costPicoUsd: 30e6, chargePicoUsd: 20e6, target: "p/m" });
  });

  test("an attempt that still runs when the call ends was aborted, and its prompt is estimated", () => {
    const { scope, settled } = create();
    scope.dispatch(target, 0);
    scope.finish({ outcome: "aborted", status: 499 });
    expect(settled[0]?.attempts).toMatchObject([{ outcome: "aborted", usageSource: "estimated", costPicoUsd: 100e6 }]);
  });

  test("whoever wants to know is told once that it is over, also where that could not be kept", () => {
    let isFull = true;
    const { scope } = create(() => {
      if (isFull) throw new GatewayError("storage_unavailable", "full");
    });
    const told: string[] = [];
    scope.whenOver(({ outcome }) => told.push(`first ${outcome}`));
    scope.whenOver(({ outcome }) => told.push(`second ${outcome}`));
    expect(() => scope.finish({ outcome: "ok", status: 200 })).toThrow("full");
    isFull = false;
    scope.finish({ outcome: "error", status: 500 });
    scope.whenOver(({ outcome }) => told.push(`late ${outcome}`));
    expect(told).toEqual(["first ok", "second ok", "late error"]);
  });

  test("of a call that a limit refused nothing is kept, but it is settled", () => {
    const kept: JournalRecord[] = [];
    const { scope, settled, ended } = create((record) => void kept.push(record));
    scope.noteLimits({}, "refused");
    scope.finish({ outcome: "error", status: 429 });
    expect([kept.length, settled.length, ended()]).toEqual([0, 1, 1]);
  });
});

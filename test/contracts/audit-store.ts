import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AuditEntry, AuditSeal, AuditStore } from "../../src/core/ports/audit.ts";

export interface OpenedAudit {
  readonly audit: AuditStore;
  /** The same rows through another connection. */
  readonly elsewhere: AuditStore;
  close(): void;
}

/** A seal that shows what it was given. */
export const plainSeal: AuditSeal = {
  firstPreviousHash: "begin",
  hash: ({ sequence, previousHash, action }) => `${previousHash}>${sequence}${action}`,
};

const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  time: 1_000,
  actor: "local",
  tenant: "default",
  action: "key.create",
  object: { kind: "key", id: "key_1" },
  outcome: "ok",
  code: null,
  requestId: "req_1",
  remoteAddress: null,
  completes: null,
  changes: "[]",
  ...changes,
});

/** What every implementation of AuditStore does, opened with {@link plainSeal}. */
export const describeAuditStore = (name: string, open: () => OpenedAudit): void => {
  describe(name, () => {
    let opened: OpenedAudit;
    let audit: AuditStore;
    beforeEach(() => {
      opened = open();
      audit = opened.audit;
    });
    afterEach(() => opened.close());
    const sequences = (query: Partial<Parameters<AuditStore["list"]>[0]>) =>
      audit.list({ limit: 10, ...query }).map(({ sequence }) => sequence);

    test("chains rows, whoever appends them, and gives them back as they are", () => {
      const odd = entry({
        action: "b",
        code: "conflict",
        outcome: "refused",
        completes: 1,
        object: { kind: "x", id: null },
      });
      audit.append(entry({ action: "a" }));
      expect(opened.elsewhere.append(odd)).toEqual({
        ...odd,
        sequence: 2,
        previousHash: "begin>1a",
        hash: "begin>1a>2b",
      });
      expect(audit.list({ limit: 1 })).toEqual([
        { ...odd, sequence: 2, previousHash: "begin>1a", hash: "begin>1a>2b" },
      ]);
      expect([audit.hashOf(1), audit.hashOf(3)]).toEqual(["begin>1a", undefined]);
    });

    test("lists in both directions, a page at a time", () => {
      for (let number = 0; number < 5; number++) audit.append(entry());
      expect(sequences({})).toEqual([5, 4, 3, 2, 1]);
      expect(sequences({ limit: 2, before: 4 })).toEqual([3, 2]);
      expect(sequences({ limit: 2, after: 0 })).toEqual([1, 2]);
      expect(sequences({ after: 3 })).toEqual([4, 5]);
      expect(sequences({ after: 5 })).toEqual([]);
    });

    test("filters, and takes no character for a pattern", () => {
      audit.append(entry({ action: "key.create", actor: "a", time: 1 }));
      audit.append(entry({ action: "key.revoke", actor: "b", time: 2 }));
      audit.append(entry({ action: "keyring.open", actor: "b", time: 3 }));
      expect(sequences({ action: "key" })).toEqual([2, 1]);
      expect(sequences({ action: "key.revoke" })).toEqual([2]);
      expect(sequences({ action: "k%" })).toEqual([]);
      expect(sequences({ action: "' OR 1=1 --" })).toEqual([]);
      expect(sequences({ actor: "b" })).toEqual([3, 2]);
      expect(sequences({ since: 2 })).toEqual([3, 2]);
      expect(sequences({ since: 2, actor: "b", action: "key", after: 0 })).toEqual([2]);
    });

    test("shows the last row while nobody can append", () => {
      const seen: unknown[] = [];
      audit.underLock((last) => seen.push(last));
      audit.append(entry({ action: "a" }));
      audit.underLock((last) => {
        seen.push(last);
        expect(() => opened.elsewhere.append(entry())).toThrow("locked");
      });
      expect(seen).toEqual([undefined, { sequence: 1, hash: "begin>1a" }]);
    });
  });
};

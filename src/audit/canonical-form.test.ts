import { expect, test } from "bun:test";
import type { UnsealedAuditRow } from "../core/ports/audit.ts";
import { auditSeal, canonicalForm } from "./canonical-form.ts";

const row: UnsealedAuditRow = {
  sequence: 1,
  time: 1_795_662_647_128,
  actor: "key_1",
  tenant: "default",
  action: "provider.update",
  object: { kind: "provider", id: 'la"b' },
  outcome: "ok",
  code: null,
  requestId: "req_1",
  remoteAddress: "127.0.0.1",
  completes: null,
  changes: '[["priority","100","50"]]',
  previousHash: auditSeal.firstPreviousHash,
};

const form = `["intellirouter-audit-1",1,1795662647128,"key_1","default","provider.update","provider","la\\"b","ok",null,"req_1","127.0.0.1",null,[["priority","100","50"]],"${"0".repeat(64)}"]`;

test("is the form that the documentation gives, and its hash is what others compute of it", () => {
  expect(canonicalForm(row)).toBe(form);
  expect(auditSeal.hash(row)).toBe(new Bun.CryptoHasher("sha256").update(form).digest("hex"));
});

test("differs with each field", () => {
  const changed: readonly Partial<UnsealedAuditRow>[] = [
    { sequence: 2 },
    { time: 1 },
    { actor: "" },
    { tenant: "" },
    { action: "" },
    { object: { kind: "", id: 'la"b' } },
    { object: { kind: "provider", id: null } },
    { outcome: "refused" },
    { code: "conflict" },
    { requestId: null },
    { remoteAddress: null },
    { completes: 1 },
    { changes: "[]" },
    { previousHash: "f".repeat(64) },
  ];
  const hashes = [row, ...changed.map((change) => ({ ...row, ...change }))].map(auditSeal.hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});

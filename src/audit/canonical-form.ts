import { createHash } from "node:crypto";
import type { AuditSeal, UnsealedAuditRow } from "../core/ports/audit.ts";

/** Begins every canonical form; another form would have another name. */
const formName = "intellirouter-audit-1";

/**
 * The text whose SHA-256 is the row's hash: a JSON array without white space, strings escaped as ECMAScript's
 * JSON.stringify escapes them. `docs/audit.md` describes it for those who verify without this program.
 */
export const canonicalForm = (row: UnsealedAuditRow): string => {
  const { sequence, time, actor, tenant, action, object, outcome, code, requestId, remoteAddress, completes } = row;
  const fields = [
    ...[formName, sequence, time, actor, tenant, action, object.kind, object.id],
    ...[outcome, code, requestId, remoteAddress, completes],
  ];
  // The changes go in as the text that is stored, so that no byte of it can differ unnoticed.
  return `${JSON.stringify(fields).slice(0, -1)},${row.changes},${JSON.stringify(row.previousHash)}]`;
};

/** SHA-256 in hexadecimal, chained from 64 zeros. */
export const auditSeal: AuditSeal = {
  firstPreviousHash: "0".repeat(64),
  hash: (row) => createHash("sha256").update(canonicalForm(row)).digest("hex"),
};

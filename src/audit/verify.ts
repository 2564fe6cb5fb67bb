import type { AuditEnd, AuditReport, AuditRow, AuditSeal, AuditStore } from "../core/ports/audit.ts";
import type { HeadFile } from "./head-file.ts";

export interface VerifyParts {
  readonly store: Pick<AuditStore, "list" | "hashOf">;
  readonly head: Pick<HeadFile, "read">;
  readonly seal: AuditSeal;
}

const pageSize = 500;

/** Lets others have their turn: half a thousand rows take some milliseconds. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Why a row does not follow on the one before; undefined where it does. */
const faultOf = (row: AuditRow, last: AuditEnd | null, seal: AuditSeal): AuditReport["broken"] => {
  const expected = (last?.sequence ?? 0) + 1;
  if (row.sequence !== expected) return { sequence: expected, reason: `The row is missing; ${row.sequence} follows.` };
  if (row.previousHash !== (last?.hash ?? seal.firstPreviousHash))
    return { sequence: row.sequence, reason: "The row names another hash before it than the row before it has." };
  if (seal.hash(row) === row.hash) return null;
  return { sequence: row.sequence, reason: "The row is not as it was written: its hash is another." };
};

const walk = async ({ store, seal }: VerifyParts) => {
  let last: AuditEnd | null = null;
  let rows = 0;
  const unfinished = new Set<number>();
  for (;;) {
    const page: readonly AuditRow[] = store.list({ after: (last as AuditEnd | null)?.sequence ?? 0, limit: pageSize });
    for (const row of page) {
      const broken = faultOf(row, last, seal);
      if (broken !== null) return { rows, last, broken, unfinished };
      if (row.outcome === "intended") unfinished.add(row.sequence);
      if (row.completes !== null) unfinished.delete(row.completes);
      last = { sequence: row.sequence, hash: row.hash };
      rows += 1;
    }
    if (page.length < pageSize) return { rows, last, broken: null, unfinished };
    await turn();
  }
};

type Head = AuditReport["head"];

const compare = (
  found: ReturnType<HeadFile["read"]>,
  last: AuditEnd | null,
  store: Pick<AuditStore, "hashOf">,
): Head => {
  if (found === "missing") return { state: last === null ? "none" : "missing", sequence: null };
  if (found === "unreadable") return { state: "unreadable", sequence: null };
  const { sequence, hash } = found;
  if (sequence > (last?.sequence ?? 0)) return { state: "ahead", sequence };
  if (store.hashOf(sequence) !== hash) return { state: "differs", sequence };
  return { state: sequence === last?.sequence ? "agrees" : "behind", sequence };
};

/** What the file proves to be gone or replaced though the rows themselves hold together. */
const faultOfHead = ({ state, sequence }: Head, last: AuditEnd | null): AuditReport["broken"] => {
  const next = (last?.sequence ?? 0) + 1;
  switch (state) {
    case "ahead":
      return { sequence: next, reason: `Rows are missing at the end: audit.head names row ${sequence}.` };
    case "differs":
      return { sequence: sequence ?? next, reason: "audit.head names another hash: the rows were written anew." };
    case "missing":
      return { sequence: next, reason: "audit.head is missing, so that nothing shows whether rows are at the end." };
    case "unreadable":
      return { sequence: next, reason: "audit.head is not readable as what this program writes." };
    default:
      return null;
  }
};

/** Walks the chain from its first row, and holds its end against the file beside it. */
export const verifyAudit = async (parts: VerifyParts): Promise<AuditReport> => {
  // Before the rows: one that is appended meanwhile leaves the file behind, never ahead.
  const found = parts.head.read();
  const { rows, last, broken, unfinished } = await walk(parts);
  const head = broken === null ? compare(found, last, parts.store) : compareBroken(found);
  const fault = broken ?? faultOfHead(head, last);
  return { ok: fault === null, rows, last, broken: fault, head, unfinished: [...unfinished] };
};

/** Where the walk ended early, the file can be held against nothing. */
const compareBroken = (found: ReturnType<HeadFile["read"]>): Head =>
  typeof found === "string" ? { state: found, sequence: null } : { state: "none", sequence: found.sequence };

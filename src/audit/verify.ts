import { z } from "zod";
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
const faultOf = (row: AuditRow, before: AuditEnd, seal: AuditSeal): AuditReport["broken"] => {
  const expected = before.sequence + 1;
  if (row.sequence !== expected) return { sequence: expected, reason: `The row is missing; ${row.sequence} follows.` };
  if (row.previousHash !== before.hash)
    return { sequence: row.sequence, reason: "The row names another hash before it than the row before it has." };
  if (seal.hash(row) === row.hash) return null;
  return { sequence: row.sequence, reason: "The row is not as it was written: its hash is another." };
};

const changesSchema = z.array(z.tuple([z.string(), z.string().nullable(), z.string().nullable()]));

/** The last row that is gone, as a row says it that tells of pruning; undefined for every other row. */
const anchorOf = ({ action, outcome, changes }: AuditRow): AuditEnd | undefined => {
  if (action !== "audit.prune" || outcome !== "ok") return undefined;
  const after = new Map(changesSchema.parse(JSON.parse(changes)).map(([field, , value]) => [field, value]));
  return { sequence: Number(after.get("firstRow")) - 1, hash: after.get("hashBefore") ?? "" };
};

const walk = async ({ store, seal }: VerifyParts) => {
  const beginning: AuditEnd = { sequence: 0, hash: seal.firstPreviousHash };
  let from: AuditEnd = beginning;
  /** Of the newest row that tells of pruning. */
  let anchor: AuditEnd = beginning;
  let last: AuditEnd | null = null;
  let rows = 0;
  const unfinished = new Set<number>();
  const ended = (broken: AuditReport["broken"]) => ({
    ...{ rows, last, broken, unfinished },
    from: from === beginning ? null : from,
  });
  for (;;) {
    const page: readonly AuditRow[] = store.list({ after: (last as AuditEnd | null)?.sequence ?? 0, limit: pageSize });
    for (const row of page) {
      // Whether rows before the first one may be gone, only a later one can say.
      if (last === null && row.sequence > 1) from = { sequence: row.sequence - 1, hash: row.previousHash };
      const broken = faultOf(row, last ?? from, seal);
      if (broken !== null) return ended(broken);
      anchor = anchorOf(row) ?? anchor;
      if (row.outcome === "intended") unfinished.add(row.sequence);
      if (row.completes !== null) unfinished.delete(row.completes);
      last = { sequence: row.sequence, hash: row.hash };
      rows += 1;
    }
    if (page.length < pageSize) {
      const isToldOf = anchor.sequence === from.sequence && anchor.hash === from.hash;
      const reason = `The row is missing; ${from.sequence + 1} follows, and no row tells of pruning up to there.`;
      return ended(isToldOf || last === null ? null : { sequence: anchor.sequence + 1, reason });
    }
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

/** Walks the chain from its first row, or from where it was pruned as a later row says, and holds its end against the file beside it. */
export const verifyAudit = async (parts: VerifyParts): Promise<AuditReport> => {
  // Before the rows: one that is appended meanwhile leaves the file behind, never ahead.
  const found = parts.head.read();
  const { rows, last, broken, unfinished, from } = await walk(parts);
  const head = broken === null ? compare(found, last, parts.store) : compareBroken(found);
  const fault = broken ?? faultOfHead(head, last);
  return { ok: fault === null, rows, from, last, broken: fault, head, unfinished: [...unfinished] };
};

/** Where the walk ended early, the file can be held against nothing. */
const compareBroken = (found: ReturnType<HeadFile["read"]>): Head =>
  typeof found === "string" ? { state: found, sequence: null } : { state: "none", sequence: found.sequence };

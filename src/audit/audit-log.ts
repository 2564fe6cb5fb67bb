import { AsyncLocalStorage } from "node:async_hooks";
import { GatewayError, toGatewayError } from "../core/errors.ts";
import type {
  ActDescription,
  AuditAct,
  AuditEntry,
  AuditedChange,
  AuditJoin,
  AuditLog,
  AuditOutcome,
  AuditRow,
  AuditStore,
} from "../core/ports/audit.ts";
import { auditSeal } from "./canonical-form.ts";
import { describeChanges, plainText } from "./changes.ts";
import type { HeadFile } from "./head-file.ts";
import { verifyAudit } from "./verify.ts";

export interface AuditLogParts {
  readonly store: AuditStore;
  readonly head: HeadFile;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The log, and how stores take part in its acts. */
export interface OpenAuditLog extends AuditLog {
  /** Whether this is carried out as part of an act, here or in another process. */
  isActing(): boolean;
  /** Runs `work` as part of an act whose rows another process writes. */
  partOfAct<Result>(work: () => Result): Result;
}

/** What is known of an act while it runs. */
class Act implements AuditAct {
  changes = "[]";
  /** Whether a row says by now what came of it. */
  isRecorded = false;
  intended: AuditRow | undefined;
  constructor(readonly description: ActDescription) {}

  note(change: AuditedChange): void {
    this.changes = describeChanges(change);
  }
}

const elsewhere = "an act of another process";

/** What was put is known to be new only where it was put; one that was refused never got so far. */
const actionOf = (action: string, { before }: AuditedChange): string =>
  action.replace(/\.put$/, before === null ? ".create" : ".update");

const entryOf = (
  { description, changes, intended }: Act,
  { time, outcome, code = null }: { time: number; outcome: AuditOutcome; code?: string | null },
): AuditEntry => {
  const { actor, tenant, action, object, requestId, remoteAddress } = description;
  const id = object.id === null ? null : plainText(object.id, 300);
  return {
    ...{ time, actor, tenant: plainText(tenant, 300), action, object: { kind: object.kind, id }, outcome, code },
    ...{ requestId, remoteAddress, completes: intended?.sequence ?? null, changes },
  };
};

const unwritten = (cause: unknown, done: "nothing" | "it"): GatewayError =>
  new GatewayError(
    "storage_unavailable",
    done === "nothing"
      ? "The audit log cannot be written, so nothing was changed. Check the database and its disk; the log has the cause."
      : "The change was made, but the audit log cannot be written to say so. Check the database and its disk.",
    { cause },
  );

const context = new AsyncLocalStorage<Act | typeof elsewhere>();

/** How stores write the rows of what they change. `moved` is told when the newest row is another. */
export const createAuditJoin = (now: () => number, moved: () => void): AuditJoin => {
  const demand = (): Act => {
    const act = context.getStore();
    if (act instanceof Act) return act;
    throw new GatewayError("internal_error", "Something was to be changed outside of an administrative act.");
  };
  return {
    seal: auditSeal,
    entryOf(change) {
      const act = demand();
      const { description } = act;
      const own = { ...description, object: change.object ?? description.object };
      const action = actionOf(description.action, change);
      const acted = Object.assign(new Act({ ...own, action }), { changes: describeChanges(change) });
      acted.intended = act.intended;
      return entryOf(acted, { time: now(), outcome: "ok" });
    },
    committed() {
      demand().isRecorded = true;
      moved();
    },
  };
};

/** Brings the head to the newest row, unless it names one that is not there: then it is evidence, and stays. */
const advance = ({ store, head }: Pick<AuditLogParts, "store" | "head">): void => {
  try {
    store.underLock((last) => {
      const found = head.read();
      const isOurs = found === "missing" || (typeof found === "object" && store.hashOf(found.sequence) === found.hash);
      if (last !== undefined && isOurs) head.write(last);
    });
  } catch {
    // The act is done and its row is written: a head that stays behind is what `audit verify` tells of.
  }
};

/** What {@link createAuditJoin} is to call. */
export const headAdvancer = (parts: Pick<AuditLogParts, "store" | "head">) => (): void => advance(parts);

/** The record of administrative acts on a store of rows. */
export const createAuditLog = (parts: AuditLogParts): OpenAuditLog => {
  const { store, head, now } = parts;

  const append = (act: Act, ending: { outcome: AuditOutcome; code?: string }, done: "nothing" | "it"): AuditRow => {
    try {
      const row = store.append(entryOf(act, { time: now(), ...ending }));
      advance(parts);
      return row;
    } catch (cause) {
      throw unwritten(cause, done);
    }
  };

  const refuse = (act: Act, thrown: unknown): void => {
    if (act.isRecorded) return;
    const { code, kind } = toGatewayError(thrown);
    append(act, { outcome: kind.status < 500 ? "refused" : "failed", code }, "nothing");
  };

  return {
    async perform(description, work) {
      const act = new Act(description);
      if (description.order === "ahead") act.intended = append(act, { outcome: "intended" }, "nothing");
      const result = await context.run(act, async () => {
        try {
          return await work(act);
        } catch (thrown) {
          refuse(act, thrown);
          throw thrown;
        }
      });
      if (!act.isRecorded) append(act, { outcome: "ok" }, "it");
      return result;
    },
    isActing: () => context.getStore() !== undefined,
    partOfAct: (work) => context.run(elsewhere, work),
    list: (query) => store.list(query),
    verify: () => verifyAudit({ store, head, seal: auditSeal }),
  };
};

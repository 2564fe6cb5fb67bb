import { defaultTenant } from "../core/default-tenant.ts";
import type { ActDescription } from "../core/ports/audit.ts";

/** Acts that no request asked for. */
const unasked = { tenant: defaultTenant, requestId: null, remoteAddress: null } as const;

/** The shipped catalogue is read in: by the program itself after an upgrade, or by `seed`. */
export const importAct = (actor: "program" | "local"): ActDescription => ({
  ...unasked,
  actor,
  action: "catalogue.import",
  object: { kind: "catalogue", id: null },
  order: "with",
});

/** The configuration's files were changed, or SIGHUP was sent. `ahead` where it is about to be taken. */
export const fileReloadAct = (order: ActDescription["order"]): ActDescription => ({
  ...unasked,
  actor: "file",
  action: "configuration.reload",
  object: { kind: "configuration", id: null },
  order,
});

/** Secrets are encrypted or brought under another master key, or taken away since theirs is lost. */
export const secretsAct = (actor: "program" | "local", what: "seal" | "forget"): ActDescription => ({
  ...unasked,
  actor,
  action: `secrets.${what}`,
  object: { kind: "secrets", id: null },
  order: "with",
});

/** The oldest rows of the audit log are taken out. */
export const pruneAct: ActDescription = {
  ...unasked,
  actor: "program",
  action: "audit.prune",
  object: { kind: "audit", id: null },
  order: "with",
};

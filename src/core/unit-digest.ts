import { createHash } from "node:crypto";

/** A name for whose calls belong together in an experiment, that does not tell who it is. */
export const unitDigest = (experiment: string, tenant: string, unit: string): string =>
  createHash("sha256").update(`${experiment}\n${tenant}\n${unit}`).digest("base64url").slice(0, 12);

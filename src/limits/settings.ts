import { z } from "zod";
import { windowNames } from "../core/key-scope.ts";
import { limitScopes } from "../core/ports/limits.ts";

/** Far above what any provider serves, and small enough to be added up without losing a token. */
const most = 1_000_000_000_000;
const amount = z.number().int().min(1).max(most);
const share = z.number().min(0).max(1);
const name = z.string().min(1).max(500);

/** One entry under `limits`. */
export const limitSchema = z
  .strictObject({
    scope: z.enum(limitScopes),
    /** Only these, each by itself; absent: each one that there is. */
    match: z.union([name, z.array(name).min(1)], "expected a name or a list of names").optional(),
    requests: amount.optional(),
    tokens: amount.optional(),
    concurrent: amount.optional(),
    /** The window of `requests` and `tokens`. */
    per: z.enum(windowNames).optional(),
    /** Calls of these priorities are let on only while less than this share is used, by all together. */
    shares: z.strictObject({ normal: share.optional(), low: share.optional() }).optional(),
  })
  .superRefine(({ scope, match, requests, tokens, concurrent, per, shares }, context) => {
    const complain = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: path.split("."), message });
    const isRate = requests !== undefined || tokens !== undefined;
    if (!isRate && concurrent === undefined) complain("scope", "limits nothing; add requests, tokens or concurrent");
    if (isRate && per === undefined)
      complain("per", `is required with requests and tokens (${windowNames.join(", ")})`);
    if (!isRate && per !== undefined) complain("per", "means nothing without requests or tokens; remove it");
    if (shares !== undefined && (shares.low ?? 0) > (shares.normal ?? 1))
      complain("shares.low", "is more than that of a higher priority");
    if (scope === "everyone" && match !== undefined) complain("match", "means nothing for everyone; remove it");
  });
export type LimitRule = z.output<typeof limitSchema>;

/** The `limits` key. */
export const limitsSchema = z.array(limitSchema).max(1_000).default([]);

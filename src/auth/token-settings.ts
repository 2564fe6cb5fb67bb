import { z } from "zod";
import { priorities } from "../core/priority.ts";
import { isLoopbackHost } from "./loopback.ts";

/** Signatures that are made with a private key and checked with a public one: anything else could be forged with the latter. */
export const tokenAlgorithms = [
  ...(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["ES256", "ES384", "ES512", "EdDSA", "Ed25519"] as const),
] as const;

const text = z.string().min(1).max(500);
const id = z.string().min(1).max(200);

/** Keys that came over a wire that anybody can write to would prove nothing. */
const isSafeUrl = (address: string): boolean => {
  const url = URL.parse(address);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return (
    url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname.replace(/^\[|\]$/g, "")))
  );
};

/** One entry under `auth.jwt`. */
export const issuerSchema = z
  .strictObject({
    /** As the tokens' `iss` has it. */
    issuer: text,
    /** One of these must be in the tokens' `aud`. */
    audience: z.union([text, z.array(text).min(1)]),
    jwksUrl: z
      .string()
      .refine(isSafeUrl, { error: "expected an https address, or http on this machine, without credentials" })
      .optional(),
    jwksFile: z.string().min(1).optional(),
    algorithms: z.array(z.enum(tokenAlgorithms)).min(1).default(["RS256", "ES256", "EdDSA"]),
    /** Where in a token things stand: the name of a claim, or names joined by dots. */
    claims: z
      .strictObject({
        tenant: text.optional(),
        team: text.optional(),
        role: text.optional(),
        priority: text.optional(),
        user: text.default("sub"),
      })
      .prefault({}),
    /** What counts where a token says nothing. */
    defaults: z
      .strictObject({
        tenant: id.optional(),
        team: id.optional(),
        role: id.optional(),
        priority: z.enum(priorities).optional(),
      })
      .prefault({}),
    /** How far clocks may be apart. */
    leewaySeconds: z.number().int().min(0).max(300).default(30),
    /** Whether tokens for the tenant `default` are the platform's own. */
    platform: z.boolean().default(false),
  })
  .superRefine(({ jwksUrl, jwksFile }, context) => {
    if ((jwksUrl === undefined) === (jwksFile === undefined))
      context.addIssue({ code: "custom", path: ["jwksUrl"], message: "give either jwksUrl or jwksFile" });
  });
export type IssuerSettings = z.output<typeof issuerSchema>;

/** The `auth.jwt` key. */
export const issuersSchema = z
  .array(issuerSchema)
  .max(50)
  .superRefine((issuers, context) => {
    for (const [index, { issuer }] of issuers.entries())
      if (issuers.findIndex((one) => one.issuer === issuer) !== index)
        context.addIssue({ code: "custom", path: [index, "issuer"], message: "stands there twice" });
  })
  .default([]);

import { GatewayError } from "../core/errors.ts";
import type { Claim, Demand, Reserved } from "../core/ports/limits.ts";
import { withoutKey } from "./compile-rules.ts";

type Refused = Reserved & { readonly kind: "refused" };

/** Nobody knows when a call will end. */
const concurrencyMilliseconds = 1_000;

const windowNames: Readonly<Record<number, string>> = {
  1000: "second",
  60000: "minute",
  3600000: "hour",
  86400000: "day",
};

const count = (amount: number, one: string): string =>
  `${amount.toLocaleString("en")} ${amount === 1 ? one : `${one}s`}`;

const ofSubject = ({ scope, subject }: Claim): string => {
  if (scope === "everyone") return "for everyone together";
  if (scope === "key" && subject === withoutKey) return "for callers without a key";
  return `for ${scope} '${subject.slice(0, 200)}'`;
};

const whose = (claim: Claim): string =>
  ofSubject(claim) + (claim.priority === undefined ? "" : `, the share of calls of ${claim.priority} priority,`);

const describe = (claim: Claim, { amount }: Refused): string => {
  const limit = claim[amount] ?? 0;
  if (amount === "concurrent") return `${count(limit, "call")} at once ${whose(claim)}`;
  const what = count(limit, amount === "requests" ? "request" : "token");
  return `${what} per ${windowNames[claim.windowMilliseconds]} ${whose(claim)}`;
};

const seconds = (milliseconds: number): string => count(Math.max(1, Math.ceil(milliseconds / 1_000)), "second");

/** Says which limit of the gateway a call met, and when to try again. */
export const refusalOf = (refused: Refused, { claims, tokens }: Demand): GatewayError => {
  const claim = claims[refused.claim] as Claim;
  const limit = describe(claim, refused);
  const wait = refused.waitMilliseconds;
  if (claim[refused.amount] === 0)
    return new GatewayError(
      "rate_limit_exceeded",
      `This gateway's limit ${ofSubject(claim)} lets no calls of ${claim.priority} priority on. Use a key of a higher one.`,
      { retryAfterMilliseconds: Number.POSITIVE_INFINITY },
    );
  if (refused.amount === "concurrent")
    return new GatewayError(
      "rate_limit_exceeded",
      `This gateway's limit of ${limit} is reached. Try again when one of them has ended.`,
      { retryAfterMilliseconds: concurrencyMilliseconds },
    );
  if (wait === null)
    return new GatewayError(
      "rate_limit_exceeded",
      `This request alone may take ${count(tokens, "token")}, more than this gateway's limit of ${limit} ever admits. ` +
        "Set a lower limit for the answer's tokens, ask for fewer answers, or shorten the prompt.",
      { retryAfterMilliseconds: Number.POSITIVE_INFINITY },
    );
  return new GatewayError(
    "rate_limit_exceeded",
    `This gateway's limit of ${limit} is reached. Try again in ${seconds(wait)}.`,
    { retryAfterMilliseconds: wait },
  );
};

import type { GatewayError } from "../errors.ts";

/** Whether a target may be called now. */
export type Admission =
  | { readonly kind: "closed" }
  /** The one call that finds out whether a broken target works again. */
  | { readonly kind: "probe" }
  /** Not before so many milliseconds have passed. `cooling`: it asked for a pause; `open`: it failed too often. */
  | { readonly kind: "open" | "cooling"; readonly waitMilliseconds: number; readonly reason: string };

/**
 * What a target's health means for whoever keeps a copy of it. `clean`: nothing failed lately, so nobody need be asked or
 * told of successes; `watched`: it may be called, and how calls of it end matters; `resting`: see the admission.
 */
export type Standing =
  | { readonly kind: "clean" | "watched" }
  | { readonly kind: "resting"; readonly admission: Admission & { readonly kind: "open" | "cooling" } };

/** What health needs to know of a failure. */
export type Failure = Pick<GatewayError, "code" | "retryAfterMilliseconds">;

/**
 * What is known of targets' health, shared by all calls. Asynchronous by contract, since with several processes the
 * state is one; the store of one process answers at once.
 */
export interface Health {
  /** Asks for a place; a `probe` must be given back by `succeed`, `fail` or `release`. */
  admit(targetId: string): Admission | Promise<Admission>;
  /** The same question, without taking a place. */
  look(targetId: string): Admission | Promise<Admission>;
  succeed(targetId: string): void;
  fail(targetId: string, error: Failure): void;
  /** The call ended without saying anything of the target: the client left. */
  release(targetId: string): void;
  /** The target asked not to be called for a while. */
  coolDown(targetId: string, milliseconds: number): void;
}

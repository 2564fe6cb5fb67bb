import { GatewayError } from "../core/errors.ts";
import { longestKey } from "./api-key.ts";

const shortestKey = 16;

/**
 * Checks the administrator's key from the environment and gives it back; undefined where none is set. Throws
 * `invalid_value` where it is empty, too short to be safe, or could not be sent in a header.
 */
export const readAdminKey = (environment: Readonly<Record<string, string | undefined>>): string | undefined => {
  const key = environment["INTELLIROUTER_ADMIN_KEY"];
  if (key === undefined) return undefined;
  const refuse = (reason: string): never => {
    throw new GatewayError(
      "invalid_value",
      `INTELLIROUTER_ADMIN_KEY ${reason}. Make one with: openssl rand -base64 32`,
    );
  };
  // Whoever sets it believes that it keeps strangers out.
  if (key.trim() === "") refuse("is set and empty; unset it where none is wanted");
  if (key.length < shortestKey) refuse(`has ${key.length} characters; at least ${shortestKey} are needed`);
  if (key.length > longestKey) refuse(`has ${key.length} characters; at most ${longestKey} are read from a header`);
  if (!/^[\x21-\x7e]+$/.test(key)) refuse("holds spaces or characters outside ASCII, which no header can carry safely");
  return key;
};

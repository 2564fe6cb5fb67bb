import { lookup } from "node:dns/promises";
import { type AddressReach, reachOfHost } from "../core/address-reach.ts";
import { GatewayError } from "../core/errors.ts";
import { parseSecretReference } from "../core/secret.ts";
import type { AdminProviderSpecification } from "../http/admin/dependencies.ts";
import type { AdminSettings } from "../http/admin/settings.ts";

/** This machine's owner by their command line; somebody on this machine while nobody needs a key; whoever has a key. */
export type Origin = "owner" | "neighbours" | "others";

export interface ProviderPolicyParts {
  readonly settings: () => AdminSettings;
  /** All addresses of a name; throws where it has none. Replaced in tests. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>;
}

const resolveName = async (hostname: string): Promise<readonly string[]> =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

const refuse = (param: string, message: string): never => {
  throw new GatewayError("invalid_value", message, { param });
};

const worst = (reaches: readonly AddressReach[]): AddressReach =>
  (["metadata", "private"] as const).find((reach) => reaches.includes(reach)) ?? "public";

/**
 * What a provider may be that is added through the admin API. Its address must not lead into the network for those who
 * are not there themselves, and never to a cloud's metadata; its key must not be read from where only the gateway can
 * read, since whoever chooses the address would be sent it. Gives a function that throws `invalid_value`.
 */
export const createProviderPolicy = ({ settings, resolve = resolveName }: ProviderPolicyParts) => {
  const reachOf = async (hostname: string): Promise<AddressReach> => {
    const named = reachOfHost(hostname);
    if (named !== "public" || /^[\d.]+$|:/.test(hostname)) return named;
    // A name without an address leads nowhere yet.
    return worst((await resolve(hostname).catch(() => [])).map(reachOfHost));
  };
  return async ({ baseUrl, apiKey }: AdminProviderSpecification, by: Origin): Promise<void> => {
    const { privateAddresses, secretReferences } = settings();
    if (typeof apiKey === "string" && by !== "owner" && secretReferences === "owner")
      if (parseSecretReference(apiKey) !== undefined)
        refuse(
          "apiKey",
          "A key that is read from a variable or file of the gateway's machine can be given there only: in the configuration file or by its command line. Send the key itself, or set admin.secretReferences to everyone.",
        );
    const url = baseUrl === undefined ? null : URL.parse(baseUrl);
    if (url === null) return;
    const reach = await reachOf(url.hostname);
    if (reach === "metadata") refuse("baseUrl", "The address leads to a cloud's metadata, which is no provider.");
    if (reach === "private" && by === "others" && privateAddresses === "owner")
      refuse(
        "baseUrl",
        "The address leads into the gateway's own network. Providers there are added in the configuration file or by the command line of its machine; or set admin.privateAddresses to everyone.",
      );
  };
};

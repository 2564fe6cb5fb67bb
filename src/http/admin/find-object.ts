import { GatewayError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { AdminCondition, AdminModel, AdminProvider, AdminRegistry, AdminSource } from "./dependencies.ts";
import { withoutCondition } from "./parse-input.ts";

const remedies: Readonly<Record<Exclude<AdminSource, "database">, string>> = {
  configuration: "comes from the configuration file and is read-only here. Change the file, then POST /admin/v1/reload",
  environment:
    "comes from an environment variable, so it cannot be removed here. Unset the variable, or put a provider of this name in its place",
  discovery:
    "was found, not added, so it cannot be removed here. Turn discovery off, or put a provider of this name in its place",
};

/** Throws `conflict` where an object is not of the database, and says where it is to be changed. */
export const refuseReadOnly = (what: string, { source }: { readonly source: AdminSource }): void => {
  if (source !== "database") throw new GatewayError("conflict", `${what} ${remedies[source]}.`);
};

/**
 * The condition of a PUT. Throws `precondition_required` where it would replace what was put here and does not say from
 * which revision; without that it only adds.
 */
export const replacing = (present: number | null | undefined, ifMatch: number | undefined): AdminCondition => {
  if (ifMatch === undefined && typeof present === "number") throw withoutCondition();
  return { expectedRevision: ifMatch ?? null };
};

/** The condition that `If-Match` sets. */
export const conditionOf = (ifMatch: number | undefined): AdminCondition =>
  ifMatch === undefined ? {} : { expectedRevision: ifMatch };

/** The provider of a name. Throws `not_found` with near names. */
export const findProvider = async (registry: AdminRegistry, name: string): Promise<AdminProvider> => {
  const providers = await registry.providers();
  const provider = providers.find((one) => one.name === name);
  if (provider !== undefined) return provider;
  const [near] = nearest(
    name,
    providers.map((one) => one.name),
  );
  const hint = near === undefined ? "List them to see which there are." : `Did you mean '${near}'?`;
  throw new GatewayError("not_found", `There is no provider of this name. ${hint}`, { param: "name" });
};

/** The model of a provider; undefined where it is not known. */
export const findModel = async (
  registry: AdminRegistry,
  id: { readonly provider: string; readonly model: string },
): Promise<AdminModel | undefined> =>
  (await registry.models()).find(({ provider, model }) => provider === id.provider && model === id.model);

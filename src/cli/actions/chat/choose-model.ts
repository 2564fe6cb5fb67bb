import { z } from "zod";
import { CliError, wrongUsage } from "../../cli-error.ts";
import type { ApiClient } from "../../connect.ts";
import type { CliContext } from "../../context.ts";
import { onOneLine } from "../../output/sanitise.ts";
import { listOf, request } from "../../request.ts";
import { canAsk } from "../../system.ts";

const offeredSchema = z.looseObject({ id: z.string(), owned_by: z.string().catch("") });
const routeOwner = "intellirouter";
const shownInError = 5;

/**
 * The model to ask where none was named: the only route, or the only model; else the user is asked, routes first. Throws
 * where nobody can be asked.
 */
export const chooseModel = async (client: ApiClient, { system, options }: CliContext): Promise<string> => {
  const offered = await request(client, { path: "/v1/models", schema: listOf(offeredSchema) });
  const routes = offered.filter((model) => model.owned_by === routeOwner).map(({ id }) => id);
  const names = [...routes, ...offered.filter((model) => model.owned_by !== routeOwner).map(({ id }) => id)];
  const only = routes.length === 1 ? routes[0] : names.length === 1 ? names[0] : undefined;
  if (only !== undefined) return only;
  if (names.length === 0)
    throw new CliError(
      "failure",
      "no_models",
      "The gateway offers no model. `intellirouter doctor` says what is missing.",
    );
  if (options.json !== true && canAsk(system)) return system.prompts.choose("Which model?", names);
  const some = names.slice(0, shownInError).map(onOneLine).join(", ");
  throw wrongUsage(`Name a model with --model: ${some}${names.length > shownInError ? " …" : ""}`);
};

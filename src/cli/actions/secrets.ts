import { z } from "zod";
import type { CliContext } from "../context.ts";
import { formatCount } from "../output/quantities.ts";
import { onOneLine } from "../output/sanitise.ts";
import { request } from "../request.ts";
import { confirmRemoval } from "./confirm.ts";

const stateSchema = z.looseObject({ masterKey: z.string(), source: z.string(), providers: z.array(z.string()) });
const rotationSchema = z.looseObject({ masterKey: z.string(), secrets: z.int() });

export const showSecrets = async ({ withClient, print }: CliContext): Promise<void> => {
  const state = await withClient((client) => request(client, { path: "/admin/v1/secrets", schema: stateSchema }));
  const { masterKey, source, providers } = state;
  const names = providers.length === 0 ? "none" : providers.map(onOneLine).join(", ");
  print(
    state,
    () => `Master key ${onOneLine(masterKey)}, of the ${onOneLine(source)}. Providers with credentials: ${names}.\n`,
  );
};

export const rotateSecrets = async ({ withClient, print, note, options }: CliContext): Promise<void> => {
  const path = "/admin/v1/secrets/rotate";
  const rotation = await withClient((client) => request(client, { method: "POST", path, schema: rotationSchema }));
  const { masterKey, secrets } = rotation;
  print(
    rotation,
    () => `The master key is now ${onOneLine(masterKey)}; ${formatCount(secrets)} credentials are under it.\n`,
  );
  if (options.json !== true)
    note("Back up the file master-key with the database; older backups of the database need the older file.");
};

export const forgetSecrets = async (
  context: CliContext,
  { yes }: { readonly yes?: boolean | undefined },
): Promise<void> => {
  const question = "Take away the credentials whose master key is lost? These providers need theirs again.";
  await confirmRemoval(context, { yes, question });
  const forgotten = await context.roles.forgetSecrets(context.localOptions);
  const names = forgotten.providers.map(onOneLine).join(", ");
  context.print(forgotten, () =>
    names === ""
      ? "No master key is missing; nothing was changed.\n"
      : `These providers need their credentials again: ${names}.\n`,
  );
};

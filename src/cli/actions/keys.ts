import { z } from "zod";
import { CliError, wrongUsage } from "../cli-error.ts";
import type { ApiClient } from "../connect.ts";
import type { CliContext } from "../context.ts";
import { parseDuration } from "../duration.ts";
import type { StyleName } from "../output/style.ts";
import { listOf, request, segment } from "../request.ts";
import { confirmRemoval } from "./confirm.ts";
import { readMoment } from "./moment.ts";
import { type ProfileFlags, profileFrom } from "./profile.ts";

const names = z.array(z.string()).nullish();
const keySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  suffix: z.string().catch(""),
  role: z.string().catch("?"),
  tenant: z.string().catch("?"),
  routes: names,
  models: names,
  state: z.string().catch("?"),
  expiresAt: z.string().nullish(),
  lastUsedAt: z.string().nullish(),
});
const madeKeySchema = keySchema.extend({ key: z.string() });
type ShownKey = z.output<typeof keySchema>;
type MadeKey = z.output<typeof madeKeySchema>;

const stateStyles: Readonly<Record<string, StyleName>> = { active: "green", expired: "yellow", revoked: "red" };
const minute = (time: string | null | undefined): string => time?.slice(0, 16).replace("T", " ") ?? "–";
const scope = ({ routes, models }: ShownKey): string =>
  [routes ? `routes ${routes.join(", ")}` : "", models ? `models ${models.join(", ")}` : ""]
    .filter(Boolean)
    .join("; ") || "all";

const fetchKeys = (client: ApiClient) => request(client, { path: "/admin/v1/keys", schema: listOf(keySchema) });

export const listKeys = async ({ withClient, print, table }: CliContext): Promise<void> => {
  const keys = await withClient(fetchKeys);
  print({ data: keys }, () =>
    table({
      columns: ["ID", "NAME", "KEY", "TENANT", "ROLE", "MAY USE", "STATE", "EXPIRES", "LAST USED"].map((title) =>
        title === "ID" ? { title, rigid: true } : { title },
      ),
      rows: keys.map((key) => [
        key.id,
        key.name,
        `…${key.suffix}`,
        key.tenant,
        key.role,
        scope(key),
        { text: key.state, style: stateStyles[key.state] ?? "dim" },
        minute(key.expiresAt),
        minute(key.lastUsedAt),
      ]),
      empty: "No keys yet. Create one with `intellirouter keys create NAME`.",
    }),
  );
};

/** The id of a key named by id or by name; a name must be that of one key only, revoked ones aside. */
const resolveKey = async (client: ApiClient, wanted: string): Promise<string> => {
  const keys = await fetchKeys(client);
  const byId = keys.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId.id;
  const [found, ...others] = keys.filter(({ name, state }) => name === wanted && state !== "revoked");
  if (found === undefined)
    throw new CliError("failure", "not_found", `There is no key '${wanted}'. \`intellirouter keys\` lists them.`);
  if (others.length === 0) return found.id;
  const ids = [found, ...others].map(({ id }) => id).join(", ");
  throw new CliError("failure", "conflict", `Several keys are named '${wanted}'. Name one by its id: ${ids}.`);
};

/** The key goes to standard output alone, so that a script can take it. */
const showMade = ({ print, note, options }: CliContext, made: MadeKey): void => {
  if (options.json !== true) {
    const expiry = made.expiresAt ? `, until ${minute(made.expiresAt)} UTC` : "";
    note(
      `Key '${made.name}' (${made.id}), role ${made.role}, may use ${scope(made)}${expiry}. It is shown only now: keep it.`,
    );
  }
  print(made, () => `${made.key}\n`);
};

export interface CreateKeyFlags extends ProfileFlags {
  readonly role: string;
  readonly routes?: readonly string[];
  readonly models?: readonly string[];
  readonly team?: string;
  readonly tenant?: string;
  readonly user?: string;
  readonly tenantOnly?: boolean;
  readonly addresses?: readonly string[];
  readonly limit?: readonly string[];
  readonly priority?: string;
  readonly expires?: string;
}

/** `requests=60/minute` as the API has it. */
const parseLimit = (text: string): object => {
  const match = /^(requests|tokens)=(\d+)\/(second|minute|hour|day)$|^(concurrent)=(\d+)$/.exec(text);
  if (match === null)
    throw wrongUsage(`--limit takes requests=60/minute, tokens=100000/day or concurrent=5; got '${text}'.`);
  const [, amount, number, per, concurrent, open] = match;
  return concurrent === undefined ? { [amount ?? ""]: Number(number), per } : { concurrent: Number(open) };
};

/** What bounds the use of a key, from flags that both commands have. */
const scopeOf = ({ routes, models, addresses, limit }: CreateKeyFlags) => ({
  routes: routes && (routes.length === 0 ? null : routes),
  models: models && (models.length === 0 ? null : models),
  allowedAddresses: addresses && (addresses.length === 0 ? null : addresses),
  limits: limit && (limit.length === 0 ? null : limit.map(parseLimit)),
});

export const createKey = async (context: CliContext, name: string, flags: CreateKeyFlags): Promise<void> => {
  const { team, role, tenant, priority } = flags;
  const everywhere = flags.tenantOnly === true ? false : undefined;
  const expiresAt = readMoment("--expires", flags.expires, { now: context.system.now(), direction: "forward" });
  const body = {
    ...{ name, role, tenant, everywhere, team, userId: flags.user, expiresAt },
    ...{ ...scopeOf(flags), profile: profileFrom(flags), priority },
  };
  const made = await context.withClient((client) =>
    request(client, { method: "POST", path: "/admin/v1/keys", body, schema: madeKeySchema }),
  );
  showMade(context, made);
};

/** An empty text takes the present one away. */
const orNone = (text: string | undefined): string | null | undefined => (text === "" ? null : text);

export const updateKey = async (
  context: CliContext,
  wanted: string,
  flags: Partial<CreateKeyFlags> & { readonly name?: string },
): Promise<void> => {
  const { name, role, team, user, priority } = flags;
  const expiresAt = readMoment("--expires", flags.expires, { now: context.system.now(), direction: "forward" });
  const body = {
    ...{ name, role, team: orNone(team), userId: orNone(user), expiresAt, priority },
    ...scopeOf({ ...flags, role: role ?? "" }),
  };
  if (Object.values(body).every((value) => value === undefined))
    throw wrongUsage("Nothing to change: say what, for example --limit requests=60/minute.");
  const changed = await context.withClient(async (client) => {
    const path = `/admin/v1/keys/${segment(await resolveKey(client, wanted))}`;
    const { revision } = await request(client, { path, schema: z.looseObject({ revision: z.number() }) });
    return request(client, { method: "PATCH", path, body, ifRevision: revision, schema: keySchema });
  });
  context.print(changed, () => `Changed '${changed.name}' (${changed.id}).\n`);
};

export const rotateKey = async (
  context: CliContext,
  wanted: string,
  { overlap }: { readonly overlap: string },
): Promise<void> => {
  const milliseconds = parseDuration(overlap);
  if (milliseconds === undefined) throw wrongUsage(`--overlap takes a duration such as 1h; got '${overlap}'.`);
  const made = await context.withClient(async (client) => {
    const path = `/admin/v1/keys/${segment(await resolveKey(client, wanted))}/rotate`;
    const body = { overlapSeconds: Math.ceil(milliseconds / 1_000) };
    return request(client, { method: "POST", path, body, schema: madeKeySchema });
  });
  showMade(context, made);
};

export const revokeKey = async (
  context: CliContext,
  wanted: string,
  { yes }: { readonly yes?: boolean },
): Promise<void> => {
  const question = `Revoke the key '${wanted}'? Whoever uses it is refused at once, and it cannot be undone.`;
  await confirmRemoval(context, { yes, question });
  const revoked = await context.withClient(async (client) => {
    const path = `/admin/v1/keys/${segment(await resolveKey(client, wanted))}/revoke`;
    return request(client, { method: "POST", path, schema: keySchema });
  });
  context.print(revoked, () => `Revoked '${revoked.name}' (${revoked.id}).\n`);
};

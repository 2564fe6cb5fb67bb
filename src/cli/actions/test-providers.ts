import { z } from "zod";
import { CliError } from "../cli-error.ts";
import type { ApiClient } from "../connect.ts";
import type { CliContext } from "../context.ts";
import { formatCount, formatMilliseconds } from "../output/quantities.ts";
import { request, segment } from "../request.ts";
import { fetchProviders } from "./providers.ts";

const testSchema = z.looseObject({
  ok: z.boolean(),
  latencyMilliseconds: z.number(),
  models: z.array(z.string()).catch([]),
  error: z.string().nullish(),
});

const testOne = async (client: ApiClient, name: string) => ({
  name,
  ...(await request(client, { method: "POST", path: `/admin/v1/providers/${segment(name)}/test`, schema: testSchema })),
});

/** Tests one provider, or all that are enabled, at the same time. Sets the exit code where one fails. */
export const testProviders = async (context: CliContext, only: string | undefined): Promise<void> => {
  const { withClient, print, table } = context;
  const results = await withClient(async (client) => {
    const names =
      only === undefined
        ? (await fetchProviders(client)).flatMap(({ name, enabled }) => (enabled ? [name] : []))
        : [only];
    return Promise.all(names.map((name) => testOne(client, name)));
  });
  if (results.length === 0)
    throw new CliError(
      "failure",
      "no_providers",
      "There is no provider to test. Add one with `intellirouter providers add`.",
    );
  print({ ok: results.every(({ ok }) => ok), data: results }, () =>
    table({
      columns: [{ title: "PROVIDER" }, { title: "RESULT" }, { title: "TOOK", align: "right" }, { title: "DETAIL" }],
      rows: results.map(({ name, ok, latencyMilliseconds, models, error }) => [
        name,
        ok ? { text: "ok", style: "green" } : { text: "fail", style: "red" },
        formatMilliseconds(latencyMilliseconds),
        ok ? `${formatCount(models.length)} models` : (error ?? "unknown"),
      ]),
      empty: "",
    }),
  );
  if (!results.every(({ ok }) => ok)) context.fail();
};

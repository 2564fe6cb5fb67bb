import { z } from "zod";
import type { CliContext } from "../context.ts";
import { formatCount } from "../output/quantities.ts";
import { onOneLine } from "../output/sanitise.ts";
import { request, segment } from "../request.ts";
import { confirmRemoval } from "./confirm.ts";

export interface ForgetFlags {
  readonly tenant?: string;
  readonly yes?: boolean;
}

const forgottenSchema = z.looseObject({ tenant: z.string(), user: z.string(), calls: z.number() });

/** Forgets what was learned from a user. */
export const forgetUser = async (context: CliContext, user: string, { tenant, yes }: ForgetFlags): Promise<void> => {
  await confirmRemoval(context, {
    yes,
    question: `Forget all that was learned from the user '${onOneLine(user)}'? This cannot be undone.`,
  });
  const forgotten = await context.withClient((client) =>
    request(client, {
      path: `/admin/v1/learning/users/${segment(user)}`,
      method: "DELETE",
      query: { tenant },
      schema: forgottenSchema,
    }),
  );
  context.print(
    forgotten,
    () =>
      `Forgot user ${onOneLine(forgotten.user)} of tenant ${onOneLine(forgotten.tenant)}: something was kept of ${formatCount(forgotten.calls)} calls.\n`,
  );
};

import { CliError, wrongUsage } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { canAsk } from "../system.ts";

/** Asks before something is removed; `--yes` answers in advance, and must where nobody can be asked. */
export const confirmRemoval = async (
  { system, options }: CliContext,
  { yes, question }: { readonly yes: boolean | undefined; readonly question: string },
): Promise<void> => {
  if (yes === true) return;
  if (options.json === true || !canAsk(system))
    throw wrongUsage("This cannot be undone. Give --yes to do it without being asked.");
  if (!(await system.prompts.confirm(question))) throw new CliError("failure", "cancelled", "Nothing was changed.");
};

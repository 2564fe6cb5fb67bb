/** Upstream calls at once that the runtime's `fetch` may have; its own default of 256 would queue the rest. */
const maxRequests = "65535";
const variable = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/**
 * The runtime reads its limit on concurrent upstream calls before any code runs, so the program replaces itself once,
 * with the variable set; this takes a few milliseconds and no memory. Does nothing where the variable is set already.
 */
export const allowHighConcurrency = (): void => {
  if (process.env[variable] !== undefined || process.execve === undefined) return;
  const isCompiled = !/^bun(\.exe)?$/.test(process.execPath.split("/").at(-1) ?? "");
  const rest = process.argv.slice(isCompiled ? 2 : 1);
  process.execve(process.execPath, [process.execPath, ...rest], { ...process.env, [variable]: maxRequests } as Record<
    string,
    string
  >);
};

/** What to add to the environment of a process that is started, so that it need not replace itself. */
export const highConcurrency = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> => ({
  [variable]: environment[variable] ?? maxRequests,
});

type Environment = Readonly<Record<string, string | undefined>>;

/** What the runtime reads before any code runs. Where a variable is set already, its value stands. */
const variables: Readonly<Record<string, string>> = {
  // Upstream calls at once that the runtime's `fetch` may have; its own default of 256 would queue the rest.
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
  // A machine with less than 16 GB lets the heap grow to twice what lives in it before it is collected; a larger one to
  // more, which takes 20 MB under load and saves no time.
  BUN_JSC_forceRAMSize: String(1024 ** 3),
};

/** The variables that an environment lacks: for a process that is started, so that it need not replace itself. */
export const missingVariables = (environment: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => environment[name] === undefined));

/**
 * Sees to it that the runtime has the variables that the program wants: it replaces itself once, with them set, which
 * takes a few milliseconds and no memory. Does nothing where they are set, or where the system cannot do it.
 */
export const adoptVariables = (): void => {
  const missing = missingVariables(process.env);
  if (Object.keys(missing).length === 0 || process.execve === undefined) return;
  const isCompiled = !/^bun(\.exe)?$/.test(process.execPath.split("/").at(-1) ?? "");
  const rest = process.argv.slice(isCompiled ? 2 : 1);
  const environment = { ...process.env, ...missing } as Record<string, string>;
  process.execve(process.execPath, [process.execPath, ...rest], environment);
};

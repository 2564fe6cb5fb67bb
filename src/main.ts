import { workerCommand } from "./roles/worker-command.ts";

// Each way in loads what it needs: a worker has no command line, and help need not wait for the gateway.
const start = async (argv: readonly string[]): Promise<number> => {
  if (argv[0] === workerCommand) return (await import("./roles/worker.ts")).runWorker();
  const [{ flushOutput, openProcessSystem }, { runCommandLine }, { cliRoles }] = await Promise.all([
    import("./cli/process-system.ts"),
    import("./cli/run.ts"),
    import("./roles/cli-roles.ts"),
  ]);
  const exitCode = await runCommandLine({ argv, system: openProcessSystem(), roles: cliRoles });
  await flushOutput();
  return exitCode;
};

process.exit(await start(process.argv.slice(2)));

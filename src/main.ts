import manifest from "../package.json" with { type: "json" };
import { flushOutput, openProcessSystem } from "./cli/process-system.ts";
import type { CliRoles } from "./cli/roles.ts";
import { runCommandLine } from "./cli/run.ts";
import { workerCommand } from "./roles/worker-command.ts";

/** Loads the program itself only for the commands that need it: help and `version` must not wait for it. */
const program = async (): Promise<CliRoles> => (await import("./roles/cli-roles.ts")).cliRoles;

const roles: CliRoles = {
  version: () => manifest.version,
  async up(options) {
    const { allowHighConcurrency } = await import("./runtime/high-concurrency.ts");
    allowHighConcurrency();
    return (await program()).up(options);
  },
  openLocal: async (options) => (await program()).openLocal(options),
  dataFolder: async (options) => (await program()).dataFolder(options),
  loadConfiguration: async (options) => (await program()).loadConfiguration(options),
  inspectStorage: async (options) => (await program()).inspectStorage(options),
  verifyLedger: async (options) => (await program()).verifyLedger(options),
  chaos: async (options) => (await program()).chaos(options),
  migrate: async (options) => (await program()).migrate(options),
  seed: async (options) => (await program()).seed(options),
};

const argv = process.argv.slice(2);
const exitCode =
  argv[0] === workerCommand
    ? await (await import("./roles/worker.ts")).runWorker()
    : await runCommandLine({ argv, system: openProcessSystem(), roles });
await flushOutput();
process.exit(exitCode);

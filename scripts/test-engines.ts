import { join } from "node:path";

// bun scripts/test-engines.ts: installs the inference engine of the tests where it is missing, then runs its tests.
// Where it cannot be installed they are skipped, except where CI is set: there that is a failure.

const projectFolder = join(import.meta.dirname, "..");
const inherit = { cwd: projectFolder, stdin: "ignore", stdout: "inherit", stderr: "inherit" } as const;

const install = (): boolean => {
  try {
    return Bun.spawnSync(["sh", "test/engines/install.sh"], inherit).success;
  } catch {
    return false;
  }
};

const isInstalled = install();
if (!isInstalled) process.stderr.write("The engine could not be installed; its tests need Python 3.10 or later.\n");
const child = Bun.spawn([process.execPath, "test/run.ts", "test/engines", ...process.argv.slice(2)], inherit);
process.exitCode = await child.exited;

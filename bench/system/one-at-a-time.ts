import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const file = join(tmpdir(), "intellirouter-bench.pid");
const pollMilliseconds = 1_000;

/** The process that holds the machine, if it still runs and is a bench. */
const holder = (): number | undefined => {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("bench/run.ts") ? pid : undefined;
  } catch {
    return undefined;
  }
};

const claim = (): boolean => {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (holder() === undefined) rmSync(file, { force: true });
    return false;
  }
};

/** Waits until no other bench runs on this machine: two would measure each other. Gives what lets the next one in. */
export const waitForTurn = async (): Promise<() => void> => {
  let hasSaid = false;
  while (!claim()) {
    const pid = holder();
    if (pid !== undefined && !hasSaid) {
      console.log(`Another bench runs (process ${pid}); waiting for its end.`);
      hasSaid = true;
    }
    await Bun.sleep(pollMilliseconds);
  }
  return () => rmSync(file, { force: true });
};

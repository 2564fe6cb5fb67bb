import { closeSync, openSync, rmSync, writeSync } from "node:fs";

/** A small disk that only those see who are started within it: it leaves no mount behind, however a run ends. */
export interface PrivateDisk {
  /** Goes before the command of a program that shall see the disk. */
  readonly within: readonly string[];
  /** Where a path on the disk is found from outside. */
  outside(path: string): string;
  /** Leaves no byte of room. */
  fill(): void;
  /** Gives the room back. */
  free(): void;
  dispose(): Promise<void>;
}

const script = 'mount -t tmpfs -o size="$2"k,mode=700 tmpfs "$1" && echo ready && exec sleep 600';

const fillUp = (path: string): void => {
  const file = openSync(path, "a");
  try {
    for (const size of [65_536, 4_096, 1]) {
      const block = Buffer.alloc(size);
      try {
        while (writeSync(file, block) === size);
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOSPC") throw error;
      }
    }
  } finally {
    closeSync(file);
  }
};

/** Mounts the disk on a folder that is there; where that is not permitted, says why. */
export const openPrivateDisk = async (at: string, kilobytes: number): Promise<PrivateDisk | string> => {
  if (process.platform !== "linux" || Bun.which("unshare") === null || Bun.which("nsenter") === null)
    return "it takes Linux with unshare and nsenter";
  const holder = Bun.spawn(["unshare", "-m", "sh", "-c", script, "sh", at, String(kilobytes)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const { value } = await holder.stdout.getReader().read();
  if (value === undefined) return `mounting is not permitted: ${(await new Response(holder.stderr).text()).trim()}`;
  const outside = (path: string): string => `/proc/${holder.pid}/root${path}`;
  const filler = outside(`${at}/filler`);
  return {
    within: ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`, "--"],
    outside,
    fill: () => fillUp(filler),
    free: () => rmSync(filler, { force: true }),
    async dispose() {
      holder.kill("SIGKILL");
      await holder.exited;
    },
  };
};

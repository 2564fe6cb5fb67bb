import { readFileSync } from "node:fs";

/** What is known of the memory that this process may have. Bytes. */
export interface MemoryUse {
  readonly used: number;
  readonly limit: number;
}

/** Reads a small file of the system; throws where there is none. */
type Read = (path: string) => string;

const readSystem: Read = (path) => readFileSync(path, "utf8");
const groups = "/sys/fs/cgroup";
/** Where there is no limit, version 1 says a number near 2⁶³. */
const noLimit = 2 ** 60;

const numberIn = (text: string): number => (text.trim() === "max" ? Number.POSITIVE_INFINITY : Number(text));

/** Of `name value` lines the value; 0 where the name is not there. */
const numberBehind = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);

const attempt = <Value>(read: () => Value): Value | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

interface GroupFiles {
  readonly limit: string;
  readonly used: string;
  readonly statistics: string;
  readonly reclaimable: string;
}

/** The files of the control group that this process is in, the version that is there. Within a container it is the root. */
const filesOf = (read: Read): readonly GroupFiles[] => {
  const own = attempt(() => read("/proc/self/cgroup")) ?? "";
  const path = /^0::(\/.*)$/m.exec(own)?.[1] ?? "/";
  const second = (folder: string): GroupFiles => ({
    limit: `${folder}/memory.max`,
    used: `${folder}/memory.current`,
    statistics: `${folder}/memory.stat`,
    reclaimable: "inactive_file",
  });
  const first = `${groups}/memory`;
  return [
    second(path === "/" ? groups : `${groups}${path}`),
    second(groups),
    {
      limit: `${first}/memory.limit_in_bytes`,
      used: `${first}/memory.usage_in_bytes`,
      statistics: `${first}/memory.stat`,
      reclaimable: "total_inactive_file",
    },
  ];
};

/**
 * How much of the control group's memory is used, without what the system can take back at once (as Kubernetes counts
 * the working set). Undefined where there is no group with a limit; other systems than Linux have none.
 */
export const openGroupMemory = (read: Read = readSystem): (() => MemoryUse | undefined) | undefined => {
  const files = filesOf(read).find(({ limit }) => {
    const most = attempt(() => numberIn(read(limit)));
    return most !== undefined && most > 0 && most < noLimit;
  });
  if (files === undefined) return undefined;
  return () =>
    attempt(() => ({
      limit: numberIn(read(files.limit)),
      used: numberIn(read(files.used)) - numberBehind(read(files.statistics), files.reclaimable),
    }));
};

/** What of this process is in memory, bytes. */
export const residentBytes = (): number => process.memoryUsage.rss();

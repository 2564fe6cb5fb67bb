import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Who writes a segment: one journal of one process. A process id alone would not do, since ids are used again: the
 * boot, the id's namespace (a container has its own) and the process's start time go with it.
 */
export interface Owner {
  readonly boot: string;
  readonly namespace: string;
  readonly process: number;
  readonly start: string;
  /** Tells apart journals of one process. */
  readonly writer: string;
}

export interface SegmentName {
  readonly name: string;
  /** {@link Owner} as text. */
  readonly owner: string;
  readonly sequence: number;
}

/** `alive` and `dead` are known; `elsewhere` cannot be seen from here (another container, another machine). */
export type Liveness = "alive" | "dead" | "elsewhere";

const suffix = ".journal";
const namePattern = /^([a-z0-9]+-[a-z0-9]+-\d+-[a-z0-9]+-[a-z0-9]+)-(\d{6,})\.journal$/;

/** The owner's journals in this process are told apart by `writer`, letters and digits. */
export const thisOwner = (writer: string): string =>
  [boot(), namespace(), process.pid, startOf(process.pid) ?? "0", writer].join("-");

export const segmentName = (owner: string, sequence: number): string =>
  `${owner}-${String(sequence).padStart(6, "0")}${suffix}`;

/** Undefined where the file is not a segment. */
export const parseSegmentName = (name: string): SegmentName | undefined => {
  const match = namePattern.exec(name);
  return match === null ? undefined : { name, owner: match[1] as string, sequence: Number(match[2]) };
};

/** Whether the process that an owner names still runs. */
export const livenessOf = (owner: string): Liveness => {
  const [ownBoot, ownNamespace, id, start] = owner.split("-") as [string, string, string, string];
  if (ownBoot !== boot() || ownNamespace !== namespace()) return "elsewhere";
  return startOf(Number(id)) === start ? "alive" : "dead";
};

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

const once = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const boot = once(() => {
  const id = readText("/proc/sys/kernel/random/boot_id");
  return plain(id ?? hostname()).slice(0, 12) || "unknown";
});

const namespace = once(() => {
  try {
    return plain(readlinkSync("/proc/self/ns/pid")).replace("pid", "");
  } catch {
    return "0";
  }
});

/** When a process started, in the system's own terms; undefined where it does not run, or only waits to be reaped. */
const startOf = (id: number): string | undefined => {
  if (process.platform !== "linux") {
    const listed = plain(spawnSync("ps", ["-o", "lstart=", "-p", String(id)], { encoding: "utf8" }).stdout ?? "");
    return listed === "" ? undefined : listed;
  }
  // The second field is the program's name in parentheses, which may hold spaces and parentheses (proc_pid_stat(5)).
  const stat = readText(`/proc/${id}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
};

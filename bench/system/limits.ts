import { readFileSync } from "node:fs";

/** A command that may have so many descriptors open; it fails where this user may not have them. */
export const withDescriptors = (count: number, command: readonly string[]): readonly string[] => [
  "/bin/sh",
  "-c",
  `ulimit -n ${count} && exec "$@"`,
  "sh",
  ...command,
];

const hardLimit = (): number => {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return limit === undefined || limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
};

/** How many descriptors a process of this user can have, up to the wanted number. */
export const availableDescriptors = (wanted: number): number =>
  Bun.spawnSync([...withDescriptors(wanted, ["true"])]).success ? wanted : Math.min(wanted, hardLimit());

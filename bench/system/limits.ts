import { readFileSync } from "node:fs";

/** How many descriptors a process of this user may have open; Bun raises its own limit to it. */
export const maxDescriptors = (): number => {
  const [, hard = "unlimited"] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
};

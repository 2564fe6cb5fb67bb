import { describe, expect, test } from "bun:test";
import { openGroupMemory, residentBytes } from "./memory-use.ts";

const reading =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
const group = "/sys/fs/cgroup";

describe("the memory of a control group", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, object | undefined])[] = [
    [
      "a container's root, version 2",
      {
        "/proc/self/cgroup": "0::/\n",
        [`${group}/memory.max`]: "1000\n",
        [`${group}/memory.current`]: "800\n",
        [`${group}/memory.stat`]: "anon 500\ninactive_file 100\nactive_file 200\n",
      },
      { limit: 1_000, used: 700 },
    ],
    [
      "a service's own",
      {
        "/proc/self/cgroup": "0::/system.slice/one.service\n",
        [`${group}/system.slice/one.service/memory.max`]: "2000\n",
        [`${group}/system.slice/one.service/memory.current`]: "50\n",
        [`${group}/system.slice/one.service/memory.stat`]: "",
      },
      { limit: 2_000, used: 50 },
    ],
    ["one without a limit", { "/proc/self/cgroup": "0::/\n", [`${group}/memory.max`]: "max\n" }, undefined],
    [
      "version 1",
      {
        "/proc/self/cgroup": "4:memory:/docker/x\n",
        [`${group}/memory/memory.limit_in_bytes`]: "3000\n",
        [`${group}/memory/memory.usage_in_bytes`]: "900\n",
        [`${group}/memory/memory.stat`]: "total_inactive_file 300\n",
      },
      { limit: 3_000, used: 600 },
    ],
    ["version 1 without a limit", { [`${group}/memory/memory.limit_in_bytes`]: "9223372036854771712\n" }, undefined],
    ["none at all", {}, undefined],
  ];
  test.each(cases)("%s", (_, files, expected) => {
    expect(openGroupMemory(reading(files))?.()).toEqual(expected as never);
  });

  test("a group that goes away says nothing any more", () => {
    const files: Record<string, string> = { [`${group}/memory.max`]: "1000" };
    const use = openGroupMemory(reading(files));
    expect(use?.()).toBeUndefined();
  });
});

test("this process is in memory", () => {
  expect(residentBytes()).toBeGreaterThan(1_000_000);
});

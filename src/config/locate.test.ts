import { describe, expect, test } from "bun:test";
import { type LocateOptions, locateConfiguration } from "./locate.ts";

const environment = { XDG_CONFIG_HOME: "/x", HOME: "/home/me" };

const cases: readonly [
  what: string,
  options: Partial<LocateOptions>,
  present: readonly string[],
  found: string | undefined,
][] = [
  [
    "the flag first",
    { file: "f.yaml", environment: { INTELLIROUTER_CONFIG: "e.yaml" } },
    ["config/config.toml"],
    "f.yaml",
  ],
  ["the variable next", { environment: { INTELLIROUTER_CONFIG: "e.yaml" } }, ["/w/config/config.toml"], "e.yaml"],
  ["an empty variable is none", { environment: { INTELLIROUTER_CONFIG: "" } }, [], undefined],
  ["TOML before YAML", {}, ["/w/config/config.yaml", "/w/config/config.toml"], "/w/config/config.toml"],
  ["YAML before JSON", {}, ["/w/config/config.json", "/w/config/config.yml"], "/w/config/config.yml"],
  [
    "the working directory before the user's folder",
    {},
    ["/x/intellirouter/config.toml", "/w/config/config.json"],
    "/w/config/config.json",
  ],
  ["the user's folder", {}, ["/x/intellirouter/config.yaml"], "/x/intellirouter/config.yaml"],
  [
    "the user's folder without XDG",
    { environment: { HOME: "/h" } },
    ["/h/.config/intellirouter/config.yaml"],
    "/h/.config/intellirouter/config.yaml",
  ],
  ["no home at all", { environment: {} }, [], undefined],
  ["nothing", {}, [], undefined],
];

describe("which file is read", () => {
  for (const [what, options, present, found] of cases)
    test(what, async () => {
      const isFile = async (path: string) => present.includes(path);
      expect(await locateConfiguration({ environment, workingDirectory: "/w", isFile, ...options })).toBe(found);
    });
});

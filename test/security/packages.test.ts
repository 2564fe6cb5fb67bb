import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock = JSON.parse(read("package-lock.json")) as { lockfileVersion: number; packages: Record<string, Locked> };
const locked = Object.entries(lock.packages).filter(([path]) => path !== "");
const manifest = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;

describe("packages", () => {
  test("each one is locked with a SHA-512 of what it holds, and comes from no other place than the registry", () => {
    expect(locked.length).toBeGreaterThan(50);
    for (const [path, { integrity, link, resolved = "" }] of locked) {
      expect([path, integrity?.slice(0, 7)]).toEqual([path, "sha512-"]);
      expect([path, link, /^(?:git|file|http:)/.test(resolved)]).toEqual([path, undefined, false]);
    }
  });

  test("each dependency is asked for in one exact version, which is the one that is locked", () => {
    for (const [name, version] of Object.entries({ ...manifest["dependencies"], ...manifest["devDependencies"] })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    }
    expect(read(".npmrc")).toMatch(/^save-exact=true$/m);
  });

  test("no package runs a script when it is installed, and this one has none that would", () => {
    expect(read(".npmrc")).toMatch(/^ignore-scripts=true$/m);
    // Bun's puts its executable in place; scripts/ensure-install.mjs runs that one file where npm does not.
    expect(locked.flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : []))).toEqual([
      "node_modules/bun",
    ]);
    for (const name of ["preinstall", "install", "postinstall", "prepare"])
      expect(manifest["scripts"]?.[name]).toBeUndefined();
    expect(read("scripts/ensure-install.mjs")).toContain('["ci", ');
  });

  test("actions are pinned by the hash of a commit, and may read only", () => {
    const workflow = read(".github/workflows/ci.yml");
    const uses = [...workflow.matchAll(/uses:\s*(\S+)/g)].map(([, action]) => action ?? "");
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/@[0-9a-f]{40}$/);
    expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
  });
});

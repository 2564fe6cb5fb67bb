import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

export const projectFolder = join(import.meta.dirname, "../..");

const ignored = new Set(["node_modules", "dist", ".cache", ".git"]);

const walk = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (ignored.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });

/** The files that git knows; where there is no git (an unpacked archive), all that it would not ignore. */
export const listProjectFiles = (): readonly string[] => {
  try {
    const { stdout, success } = Bun.spawnSync(["git", "ls-files", "-z"], { cwd: projectFolder, stderr: "ignore" });
    const files = stdout.toString().split("\0").filter(Boolean);
    // A file may be gone from the folder and not yet from git.
    if (success && files.length > 0) return files.filter((file) => sizeOf(file) !== undefined);
  } catch {
    // No git on this machine: the folder itself is the list.
  }
  return walk(projectFolder).map((path) => relative(projectFolder, path).split(sep).join("/"));
};

export const sizeOf = (file: string): number | undefined =>
  statSync(join(projectFolder, file), { throwIfNoEntry: false })?.size;

export const readProjectFile = (file: string): string => readFileSync(join(projectFolder, file), "utf8");

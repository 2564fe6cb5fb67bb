import { formatPath, type Path } from "./path.ts";
import type { Source } from "./problem.ts";
import { isTree, leavesOf } from "./tree.ts";

interface Leaf {
  readonly path: Path;
  readonly source: Source;
  /** An empty section: what stands below it comes from the defaults. */
  readonly isEmpty: boolean;
}

const isEmpty = (value: unknown): boolean => value === null || isTree(value);

/** Which layer set which value. Later layers replace what they cover. */
export class Sources {
  readonly #leaves = new Map<string, Leaf>();
  readonly #file: string | undefined;
  readonly #lines: ReadonlyMap<string, number>;

  constructor(file?: string, lines: ReadonlyMap<string, number> = new Map()) {
    this.#file = file;
    this.#lines = lines;
  }

  setFile(tree: unknown): void {
    for (const { path, value } of leavesOf(tree)) {
      const source = this.#inFile(path);
      if (source !== undefined) this.#leaves.set(formatPath(path), { path, source, isEmpty: isEmpty(value) });
    }
  }

  set(path: Path, value: unknown, source: Source): void {
    for (const leaf of leavesOf(value, path)) {
      // A value replaces what stood below it, and a list replaces the whole list.
      const cut = leaf.path.findIndex((step) => typeof step === "number");
      const replaced = cut === -1 ? leaf.path : leaf.path.slice(0, cut);
      for (const [key, old] of this.#leaves)
        if (old.source !== source && startsWith(old.path, replaced)) this.#leaves.delete(key);
      this.#leaves.set(formatPath(leaf.path), { path: leaf.path, source, isEmpty: isEmpty(leaf.value) });
    }
  }

  /** Where the value at a path came from; the default where no layer set it. */
  of(path: Path): Source {
    for (let length = path.length; length > 0; length--) {
      const found = this.#leaves.get(formatPath(path.slice(0, length)));
      if (found !== undefined && (length === path.length || !found.isEmpty)) return found.source;
    }
    return { kind: "default" };
  }

  /** The best place to send a reader to for a problem at a path, also where nothing stands there. */
  near(path: Path): Source | undefined {
    const exact = this.of(path);
    if (exact.kind === "flag" || exact.kind === "environment") return exact;
    const below = [...this.#leaves.values()].find((leaf) => path.length > 0 && startsWith(leaf.path, path));
    if (exact.kind === "default" && below !== undefined && below.source.kind !== "file") return below.source;
    return this.#inFile(path);
  }

  #inFile(path: Path): Source | undefined {
    if (this.#file === undefined) return undefined;
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(formatPath(path.slice(0, length)));
      if (line !== undefined) return { kind: "file", file: this.#file, line };
    }
    return { kind: "file", file: this.#file };
  }
}

const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => path[index] === step);

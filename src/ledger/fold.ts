import type { FoldStore, RefusedRecord } from "../core/ports/ledger-store.ts";
import { groupRecords } from "./group.ts";
import { interruptedCalls } from "./interrupted.ts";
import { type Liveness, livenessOf, type SegmentName } from "./owner.ts";
import { listSegments, removeSegment, setAside, statSegment } from "./segment-directory.ts";
import { readStretch, type Stretch } from "./segment-reader.ts";

/** Something in the journal that a person should look at. */
export interface JournalProblem {
  readonly segment: string;
  /**
   * `corrupt`: bytes that are no record, with records after them; they were passed over, and the file is kept.
   * `torn`: the last record of a segment is not whole; customary after a power cut, not after the end of a process.
   * `newer`: a newer program wrote what follows; it waits for one.
   * `refused`: the database's tables would not take a record before `offset`; it is kept in quarantine.
   */
  readonly kind: "corrupt" | "torn" | "newer" | "refused";
  readonly offset: number;
  readonly bytes: number;
  /** With `refused`. */
  readonly refused?: RefusedRecord;
}

export interface FoldOptions {
  readonly store: FoldStore;
  readonly directory: string;
  /** Told once of each problem. */
  readonly onProblem: (problem: JournalProblem) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly liveness?: (owner: string) => Liveness;
}

/** Calls that went into the database. */
export interface FoldReport {
  readonly settled: number;
  readonly interrupted: number;
}

/** How long a segment of a process that cannot be seen from here must be untouched until the process counts as dead. */
export const staleMilliseconds = 30_000;
/** How long a segment's position is kept after its file: nobody can still be entering what they read of it by then. */
export const forgetMilliseconds = 60_000;

/**
 * Takes what the journals of a directory hold into the database, each record exactly once, whoever folds and whenever
 * they die. Between runs it only remembers where it was; the database has the last word on that.
 */
export class Fold {
  readonly #options: FoldOptions;
  readonly #offsets = new Map<string, number>();
  readonly #closed = new Set<string>();
  readonly #reported = new Set<string>();
  /** Segments whose files are gone, and since when they were seen to be. */
  #gone = new Map<string, number>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #settled = 0;
  #interrupted = 0;

  constructor(options: FoldOptions) {
    this.#options = options;
  }

  /** Takes in everything that is there when it begins. Must not run twice at once. */
  run = async (): Promise<FoldReport> => {
    this.#settled = 0;
    this.#interrupted = 0;
    const { directory, store } = this.#options;
    // Whoever is dead now writes nothing more, so the second listing has all that they wrote.
    const before = Map.groupBy(listSegments(directory), ({ owner }) => owner);
    const dead = new Set([...before].filter(([owner, own]) => this.#isDead(owner, own)).map(([owner]) => owner));
    const segments = Map.groupBy(listSegments(directory), ({ owner }) => owner);
    for (const [owner, own] of segments) await this.#foldOwner(own, dead.has(owner) ? "dead" : "alive");
    // A live journal always has a segment, so an owner without one has ended.
    for (const owner of await store.openOwners())
      if (!segments.has(owner) && !before.has(owner)) await this.#interrupt(owner);
    const present = new Set([...segments.values()].flat().map(({ name }) => name));
    this.#forgetAllBut(present);
    await this.#sweepPositions(present);
    return { settled: this.#settled, interrupted: this.#interrupted };
  };

  #isDead(owner: string, segments: readonly SegmentName[]): boolean {
    const { liveness = livenessOf, directory, now } = this.#options;
    const seen = liveness(owner);
    if (seen !== "elsewhere") return seen === "dead";
    const touched = segments.map(({ name }) => statSegment(directory, name)?.mtimeMs ?? 0);
    return now() - Math.max(...touched) > staleMilliseconds;
  }

  async #foldOwner(segments: readonly SegmentName[], state: "alive" | "dead"): Promise<void> {
    const last = segments.at(-1);
    if (last === undefined) return;
    const finished: SegmentName[] = [];
    for (const segment of segments) {
      const isRead = await this.#follow(segment);
      // A segment is complete once a later one was there before it was read.
      const isComplete = state === "dead" || segment !== last || this.#closed.has(segment.name);
      if (isRead && isComplete) finished.push(segment);
    }
    const hasEnded = finished.length === segments.length && (state === "dead" || this.#closed.has(last.name));
    if (hasEnded) await this.#interrupt(last.owner);
    if (finished.length > 0) await this.#remove(finished);
  }

  /** Takes in what a segment holds beyond its position. True when all that this program can read of it is in. */
  async #follow(segment: SegmentName): Promise<boolean> {
    const { store, directory } = this.#options;
    const { name } = segment;
    for (;;) {
      const from = this.#offsets.get(name) ?? (await store.position(name)).offset;
      this.#offsets.set(name, from);
      if (statSegment(directory, name)?.size === from) return true;
      const read = readStretch(directory, name, from);
      if (read === undefined) return true;
      const { to, gapBytes } = read.stretch;
      if (!(await this.#apply(segment, read.stretch))) continue;
      if (gapBytes > 0) this.#report({ segment: name, kind: "corrupt", offset: to - gapBytes, bytes: gapBytes });
      if (read.rest === "newer") this.#report({ segment: name, kind: "newer", offset: to, bytes: 0 });
      if (read.rest !== "more") return read.rest === "none";
    }
  }

  /** False when another process was faster. */
  async #apply({ name, owner }: SegmentName, stretch: Stretch): Promise<boolean> {
    const { records, from, to, gapBytes } = stretch;
    if (to === from) return true;
    const { isClosed, ...grouped } = groupRecords(records);
    const gaps = gapBytes > 0 ? 1 : 0;
    const outcome = await this.#options.store.apply({ segment: name, owner, from, to, ...grouped, gaps });
    if (outcome.kind === "moved") {
      this.#offsets.delete(name);
      return false;
    }
    this.#offsets.set(name, to);
    this.#settled += grouped.settled.length;
    this.#refuse(name, to, outcome.refused);
    if (isClosed) this.#closed.add(name);
    return true;
  }

  async #interrupt(owner: string): Promise<void> {
    const dispatches = await this.#options.store.openDispatches(owner);
    if (dispatches.length === 0) return;
    const calls = interruptedCalls(dispatches);
    this.#refuse(owner, 0, await this.#options.store.interrupt(owner, calls));
    this.#interrupted += calls.length;
  }

  /** Removes files once the database has their records for good; keeps those that could not be read whole. */
  async #remove(segments: readonly SegmentName[]): Promise<void> {
    const { store, directory } = this.#options;
    await store.checkpoint();
    for (const { name } of segments) {
      const { offset, gaps } = await store.position(name);
      const torn = (statSegment(directory, name)?.size ?? offset) - offset;
      if (torn > 0) this.#report({ segment: name, kind: "torn", offset, bytes: torn });
      if (gaps > 0) setAside(directory, name);
      else removeSegment(directory, name);
    }
  }

  #refuse(segment: string, offset: number, records: readonly RefusedRecord[]): void {
    for (const refused of records) this.#options.onProblem({ segment, kind: "refused", offset, bytes: 0, refused });
  }

  #report(problem: JournalProblem): void {
    const key = `${problem.segment}:${problem.offset}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#options.onProblem(problem);
  }

  async #sweepPositions(present: ReadonlySet<string>): Promise<void> {
    const { store, now } = this.#options;
    const at = now();
    if (at - this.#sweptAt < forgetMilliseconds) return;
    this.#sweptAt = at;
    const gone = (await store.segments()).filter((name) => !present.has(name));
    const over = gone.filter((name) => at - (this.#gone.get(name) ?? at) >= forgetMilliseconds);
    this.#gone = new Map(gone.map((name) => [name, this.#gone.get(name) ?? at]));
    if (over.length > 0) await store.forget(over);
  }

  #forgetAllBut(names: ReadonlySet<string>): void {
    for (const name of this.#offsets.keys()) if (!names.has(name)) this.#offsets.delete(name);
    for (const name of this.#closed) if (!names.has(name)) this.#closed.delete(name);
  }
}

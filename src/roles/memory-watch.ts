import { type MemoryUse, openGroupMemory, residentBytes } from "../runtime/memory-use.ts";

export interface MemoryWatchParts {
  /** What this process may have, bytes; undefined: nothing but the control group limits it. */
  readonly maxBytes: number | undefined;
  /** Told when memory has become short. */
  readonly onShort: (use: MemoryUse) => void;
  readonly system?: MemorySystem;
}

/** What is needed of the system; replaced in tests. */
export interface MemorySystem {
  readonly resident: () => number;
  readonly group: (() => MemoryUse | undefined) | undefined;
  /** Calls back again and again; gives what ends it. */
  every(milliseconds: number, callback: () => void): () => void;
}

export interface MemoryWatch {
  /** Whether so much is used that no more calls should be taken. */
  isShort(): boolean;
  stop(): void;
}

const lookMilliseconds = 250;
/** From this share of the limit on memory is short … */
const shortShare = 0.85;
/** … until it is below this one again, so that calls are not taken and refused in turns. */
const enoughShare = 0.8;

const system = (): MemorySystem => ({
  resident: residentBytes,
  group: openGroupMemory(),
  every(milliseconds, callback) {
    const timer = setInterval(callback, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
});

/** Looks four times a second how much memory is used, where anything limits it. */
export const watchMemory = ({ maxBytes, onShort, system: own = system() }: MemoryWatchParts): MemoryWatch => {
  const { group, resident, every } = own;
  if (maxBytes === undefined && group === undefined) return { isShort: () => false, stop: () => undefined };
  let isShort = false;
  const uses = (): readonly MemoryUse[] => {
    const of = group?.();
    return [
      ...(maxBytes === undefined ? [] : [{ used: resident(), limit: maxBytes }]),
      ...(of === undefined ? [] : [of]),
    ];
  };
  const look = (): void => {
    const share = isShort ? enoughShare : shortShare;
    const tight = uses().find(({ used, limit }) => used >= share * limit);
    if (tight !== undefined && !isShort) onShort(tight);
    isShort = tight !== undefined;
  };
  return { isShort: () => isShort, stop: every(lookMilliseconds, look) };
};

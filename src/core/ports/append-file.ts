/** A file that only grows. */
export interface AppendFile {
  readonly path: string;
  /** Bytes written whole. */
  readonly size: number;
  /** False when half a write could not be cut off again: nothing may be appended any more. */
  readonly isSound: boolean;
  /** Writes all bytes, or the first `length` of them, or none. Throws GatewayError `storage_unavailable`. */
  append(bytes: Uint8Array, length?: number): void;
  /** Waits until what was appended before is on the disk. */
  sync(): Promise<void>;
  /** The same, blocking. */
  syncNow(): void;
  /** Marks the file as in use, now. */
  touch(): void;
  close(): void;
}

/** Creates the file; fails where it exists. `power` also puts the new name itself on the disk. */
export type OpenAppendFile = (path: string, durability: Durability) => AppendFile;

/** What an appended record survives: the death of the process, or a power cut too. */
export type Durability = "process" | "power";

import type { Registry } from "../registry/registry.ts";
import type { OpenLog } from "../telemetry/logger.ts";

/** A gateway that answers, as one process or as several. */
export interface Running {
  readonly url: string;
  readonly log: OpenLog;
  readonly registry: Registry;
  hasKeys(): Promise<boolean>;
  /** The file that is in use; null where there is none. */
  configurationFile(): string | null;
  /** Looks for providers from now on; resolves when each was looked at once. */
  discover(): Promise<void>;
  /** Loads the configuration anew. Never rejects. */
  reload(): Promise<unknown>;
  /** Lets open calls end, then ends what is left, settles and folds it. `hurried` cuts the waiting short. */
  stop(hurried: AbortSignal): Promise<void>;
}

/** Ends the program with an error; `orderly`: open calls may still end in their time. */
export type Fail = (error: Error, how?: "orderly") => void;

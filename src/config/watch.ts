import { watch as watchFolder } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { ConfigurationError } from "./problem.ts";
import { type OnFolderChange, watchFolders } from "./watch-folders.ts";

/** What the watcher needs of the system; replaced in tests. */
export interface WatchSystem {
  /** Changes whenever the file's content may have; undefined where it is not there. */
  fingerprint(file: string): Promise<string | undefined>;
  /** Calls back when something in the folder changed, with its name there. */
  watchFolder(folder: string, onChange: OnFolderChange): { close(): void };
  /** Calls back once after so many milliseconds. */
  after(milliseconds: number, callback: () => void): { cancel(): void };
}

export interface WatchOptions<Loaded extends { readonly files: readonly string[] }> {
  /** What runs now: its files are watched. */
  readonly current: Loaded;
  readonly load: () => Promise<Loaded>;
  /** Called with each new configuration. What it throws is reported to `onFailed`. */
  readonly onLoaded: (loaded: Loaded) => void | Promise<void>;
  /** Called when a new configuration was refused; what ran before still runs. */
  readonly onFailed: (error: ConfigurationError) => void;
  /** Quiet time that a change must be followed by; editors and mounts write in several steps. */
  readonly debounceMilliseconds?: number;
  /** How often files are looked at where the system reports no changes (network mounts). */
  readonly pollMilliseconds?: number;
  readonly system?: WatchSystem;
}

export interface ConfigurationWatch {
  /**
   * Loads now, changed or not (SIGHUP). Resolves when the outcome was reported, with why the configuration was refused;
   * undefined where it was not. Never throws.
   */
  reload(): Promise<ConfigurationError | undefined>;
  close(): void;
}

const nodeSystem: WatchSystem = {
  fingerprint: async (file) => {
    try {
      // Follows links: Kubernetes swaps a link to a folder when a ConfigMap changes.
      const { mtimeMs, size, ino } = await stat(file);
      return `${mtimeMs}:${size}:${ino}`;
    } catch {
      return undefined;
    }
  },
  watchFolder: (folder, onChange) => {
    try {
      const watcher = watchFolder(folder, { persistent: false }, (_event, name) => onChange(name));
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      // Some file systems cannot be watched; the poll still sees changes.
      return { close: () => undefined };
    }
  },
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

const toConfigurationError = (thrown: unknown): ConfigurationError =>
  thrown instanceof ConfigurationError
    ? thrown
    : new ConfigurationError([{ path: "", message: thrown instanceof Error ? thrown.message : String(thrown) }]);

/** Loads, to see whether it can be done: gives what is wrong, undefined where nothing is. Never throws. */
export const judgeConfiguration = async (load: () => Promise<unknown>): Promise<ConfigurationError | undefined> => {
  try {
    await load();
    return undefined;
  } catch (thrown) {
    return toConfigurationError(thrown);
  }
};

/**
 * Follows the files of a configuration and loads it anew when one has changed, or on demand. A configuration that is
 * refused changes nothing.
 */
export const watchConfiguration = <Loaded extends { readonly files: readonly string[] }>(
  options: WatchOptions<Loaded>,
): ConfigurationWatch => {
  const { system = nodeSystem, debounceMilliseconds = 150, pollMilliseconds = 2_000 } = options;
  let files: readonly string[] = [];
  let names: ReadonlySet<string> = new Set();
  let seen = "";
  /** As the files were at the last event. */
  let latest = "";
  let isLooking = false;
  let isClosed = false;
  let pending: { cancel(): void } | undefined;
  let poll: { cancel(): void } | undefined;
  let work: Promise<unknown> = Promise.resolve();

  const follow = (next: readonly string[]): void => {
    files = next;
    names = new Set(next.map((file) => basename(file)));
  };
  follow(options.current.files);

  const fingerprints = async (): Promise<string> =>
    (await Promise.all(files.map((file) => system.fingerprint(file)))).join("|");

  const take = async (): Promise<void> => {
    const loaded = await options.load();
    if (isClosed) return;
    const isSameSet = loaded.files.join("|") === files.join("|");
    follow(loaded.files);
    if (!isSameSet) seen = await fingerprints();
    await options.onLoaded(loaded);
  };

  const tell = (refused: ConfigurationError): void => {
    try {
      options.onFailed(refused);
    } catch {
      // A listener that throws must not end the watching.
    }
  };

  const loadOnce = async (): Promise<ConfigurationError | undefined> => {
    if (isClosed) return undefined;
    // Taken before the load: what changes during it is seen as a change after it.
    seen = await fingerprints();
    const refused = await judgeConfiguration(take);
    if (refused !== undefined) tell(refused);
    return refused;
  };

  const inTurn = <Result>(step: () => Promise<Result>): Promise<Result | undefined> => {
    const turn = work.then(step).catch(() => undefined);
    work = turn;
    return turn;
  };

  const loadIfChanged = () => inTurn(async () => ((await fingerprints()) === seen ? undefined : loadOnce()));

  const startPause = () => {
    pending?.cancel();
    pending = system.after(debounceMilliseconds, () => {
      pending = undefined;
      void loadIfChanged();
    });
  };

  /** A change within the pause begins it again; an event that changed nothing does not. */
  const extendPause = async () => {
    isLooking = true;
    const present = await fingerprints();
    isLooking = false;
    const hasChanged = present !== latest;
    latest = present;
    if (hasChanged && pending !== undefined && !isClosed) startPause();
  };

  const scheduleCheck = () => {
    if (isClosed) return;
    if (pending === undefined) startPause();
    if (!isLooking) void extendPause();
  };

  const folders = watchFolders({
    folders: files.map((file) => dirname(file)),
    open: system.watchFolder,
    isOurs: (name) => names.has(name),
    onOurs: scheduleCheck,
  });

  const schedulePoll = () => {
    poll = system.after(pollMilliseconds, () => {
      folders.onPoll();
      void inTurn(async () => {
        if (!isClosed && (await fingerprints()) !== seen) scheduleCheck();
      }).then(() => {
        if (!isClosed) schedulePoll();
      });
    });
  };

  void inTurn(async () => {
    seen = await fingerprints();
  });
  schedulePoll();

  return {
    reload: () => inTurn(loadOnce),
    close: () => {
      isClosed = true;
      pending?.cancel();
      poll?.cancel();
      folders.close();
    },
  };
};

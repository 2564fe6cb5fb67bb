/** What a folder's watcher gives: the name within the folder, null where the system does not say. */
export type OnFolderChange = (name: string | null) => void;

export interface FoldersOptions {
  readonly folders: Iterable<string>;
  /** Begins to watch one folder. */
  readonly open: (folder: string, onChange: OnFolderChange) => { close(): void };
  readonly isOurs: (name: string) => boolean;
  readonly onOurs: () => void;
}

export interface WatchedFolders {
  /** To be called at each look of the poll. */
  onPoll(): void;
  close(): void;
}

/** Changes of other files between two looks that make a folder a busy one: its log, say, or a database. */
const busyChanges = 20;
/** How many looks a busy folder is left in peace for. */
const restingPolls = 30;

interface Folder {
  readonly name: string;
  watcher: { close(): void } | undefined;
  changes: number;
  rest: number;
}

/**
 * Watches folders for changes of certain files. Where other files change all the time, each change would wake the program
 * for nothing: such a folder is not watched for a while, and the poll alone sees what becomes of the files.
 */
export const watchFolders = ({ folders, open, isOurs, onOurs }: FoldersOptions): WatchedFolders => {
  const begin = (folder: Folder): void => {
    folder.changes = 0;
    folder.watcher = open(folder.name, (name) => {
      // Kubernetes changes a whole folder by swapping a link `..data` within it.
      if (name === null || name.startsWith("..") || isOurs(name)) return onOurs();
      folder.changes += 1;
      if (folder.changes > busyChanges) rest(folder);
    });
  };
  const rest = (folder: Folder): void => {
    folder.rest = restingPolls;
    folder.watcher?.close();
    folder.watcher = undefined;
  };
  const all = [...new Set(folders)].map((name): Folder => ({ name, watcher: undefined, changes: 0, rest: 0 }));
  for (const folder of all) begin(folder);
  return {
    onPoll() {
      for (const folder of all) {
        folder.changes = 0;
        if (folder.watcher !== undefined) continue;
        folder.rest -= 1;
        if (folder.rest <= 0) begin(folder);
      }
    },
    close() {
      for (const { watcher } of all) watcher?.close();
    },
  };
};

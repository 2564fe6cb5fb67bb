import { join } from "node:path";
import type { Environment } from "./environment.ts";
import { formats } from "./formats.ts";

export interface LocateOptions {
  /** The value of `--config`. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  /** Where `config/` is looked for. */
  readonly workingDirectory: string;
  readonly isFile: (path: string) => Promise<boolean>;
}

const userFolder = ({ XDG_CONFIG_HOME, APPDATA, HOME, USERPROFILE }: Environment): string | undefined => {
  if (XDG_CONFIG_HOME) return join(XDG_CONFIG_HOME, "intellirouter");
  if (APPDATA) return join(APPDATA, "intellirouter");
  const home = HOME || USERPROFILE;
  return home ? join(home, ".config", "intellirouter") : undefined;
};

/**
 * The configuration file to read: `--config`, else INTELLIROUTER_CONFIG, else `config/config.{toml,yaml,yml,json}`,
 * else the same in the user's configuration folder; undefined where there is none. A file that was named is given
 * whether or not it exists.
 */
export const locateConfiguration = async (options: LocateOptions): Promise<string | undefined> => {
  const named = options.file ?? options.environment["INTELLIROUTER_CONFIG"];
  if (named !== undefined && named !== "") return named;
  const folders = [join(options.workingDirectory, "config"), userFolder(options.environment)];
  for (const folder of folders) {
    if (folder === undefined) continue;
    for (const ending of formats) {
      const candidate = join(folder, `config.${ending}`);
      if (await options.isFile(candidate)) return candidate;
    }
  }
  return undefined;
};

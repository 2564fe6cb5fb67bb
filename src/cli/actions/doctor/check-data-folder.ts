import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Check, Finding } from "./check.ts";

const leastFreeBytes = 512 * 1024 * 1024;

const statOf = async (path: string) => {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
};

const isWritable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The folder itself, or the nearest above it that is there: where a new one would be made. */
const nearestPresent = async (path: string): Promise<string> =>
  (await statOf(path)) === undefined && dirname(path) !== path ? nearestPresent(dirname(path)) : path;

const checkSpace = async (path: string): Promise<Finding> => {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1024 / 1024).toLocaleString("en-US")} MB free`;
  if (free >= leastFreeBytes) return { check: "disk space", status: "ok", detail };
  const advice = "Free some space: calls are refused when they cannot be recorded.";
  return { check: "disk space", status: "warn", detail, advice };
};

/** The data folder can be written and has room. */
export const checkDataFolder: Check = async ({ dataFolder }) => {
  const present = await nearestPresent(dataFolder);
  const isNew = present !== dataFolder;
  if (!(await isWritable(present))) {
    const detail = isNew ? `${dataFolder} cannot be made in ${present}` : `${dataFolder} cannot be written`;
    const advice =
      "Give this user the right to write there, or choose another folder with --data or INTELLIROUTER_DATA.";
    return [{ check: "data folder", status: "fail", detail, advice }];
  }
  const folder: Finding = {
    check: "data folder",
    status: "ok",
    detail: isNew ? `${dataFolder} (will be made)` : dataFolder,
  };
  return [folder, await checkSpace(present)];
};

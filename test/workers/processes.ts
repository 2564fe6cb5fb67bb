import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { RunningGateway } from "../support/start-gateway.ts";

/** The worker processes of a supervisor at this moment, oldest first (Linux). */
export const workersOf = ({ pid }: Pick<RunningGateway, "pid">): readonly number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === ""
    ? []
    : children
        .split(" ")
        .map(Number)
        .toSorted((a, b) => a - b);
};

/** Whether a process runs; one that only waits to be reaped does not. */
export const isRunning = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
};

const hexAddress = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;

/** The inode of the server's end of a connection on loopback; undefined while it is not accepted. */
const inodeOf = (serverPort: number, clientPort: number): string | undefined => {
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1)) {
    const [, local, remote, , , , , , , inode] = line.trim().split(/\s+/);
    if (local === hexAddress(serverPort) && remote === hexAddress(clientPort)) return inode === "0" ? undefined : inode;
  }
  return undefined;
};

const holds = (pid: number, inode: string): boolean => {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((descriptor) => {
      try {
        return readlinkSync(`${folder}/${descriptor}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
};

/** Which of the processes has accepted a connection; undefined while none has. */
export const acceptedBy = (
  pids: readonly number[],
  connection: { readonly serverPort: number; readonly clientPort: number },
): number | undefined => {
  const inode = inodeOf(connection.serverPort, connection.clientPort);
  return inode === undefined ? undefined : pids.find((pid) => holds(pid, inode));
};

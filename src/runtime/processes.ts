/** The other end of a process's channel: plain JSON both ways, in order, each message whole. */
export interface ProcessPort {
  /** False where the other end is gone; the message is lost then. */
  send(message: unknown): boolean;
  onMessage(listener: (message: unknown) => void): void;
  /** Told once, when the other end is gone. */
  onClose(listener: () => void): void;
}

/** How a process ended: with a code, or by a signal. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A process that this one started. Its output goes where ours goes. */
export interface StartedProcess extends ProcessPort {
  readonly pid: number;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  readonly ended: Promise<ProcessEnd>;
}

/** The executable that runs a program from its sources; a compiled program has a name of its own. */
const isRuntime = (executable: string): boolean => /^bun(\.exe)?$/.test(executable.split("/").at(-1) ?? "");

/** What starts this very program anew: from the sources the runtime, its flags and the file; compiled, the executable. */
const ownCommand = (): readonly string[] =>
  isRuntime(process.execPath) ? [process.execPath, ...process.execArgv, Bun.main] : [process.execPath];

/** Starts this program once more, as a process of its own with a channel to it. Throws where the system refuses. */
export const startOwnProcess = (
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartedProcess => {
  const messages: ((message: unknown) => void)[] = [];
  const closings: (() => void)[] = [];
  const child = Bun.spawn([...ownCommand(), ...args], {
    env: { ...environment },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    serialization: "json",
    ipc: (message) => {
      for (const listener of messages) listener(message);
    },
    onDisconnect: () => {
      for (const listener of closings.splice(0)) listener();
    },
  });
  return {
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    ended: child.exited.then(() => ({
      exitCode: child.exitCode,
      signal: child.signalCode === null ? null : String(child.signalCode),
    })),
    send: (message) => attempt(() => child.send(message)),
    onMessage: (listener) => void messages.push(listener),
    onClose: (listener) => void closings.push(listener),
  };
};

/** The channel to the process that started this one by {@link startOwnProcess}; undefined where something else did. */
export const starterPort = (): ProcessPort | undefined => {
  const send = process.send?.bind(process) as ((message: unknown) => boolean) | undefined;
  if (send === undefined || !process.connected) return undefined;
  return {
    send: (message) => process.connected && attempt(() => send(message)),
    onMessage: (listener) => void process.on("message", listener),
    onClose: (listener) => void process.once("disconnect", listener),
  };
};

const attempt = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

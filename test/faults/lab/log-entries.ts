export type LogEntry = Readonly<Record<string, unknown>>;

export interface Log {
  /** Entries `call` by the call's id. */
  readonly callsById: ReadonlyMap<string, readonly LogEntry[]>;
  /** What should stand in no log: lines that are no entries, failures of the program itself. */
  readonly faults: readonly string[];
}

const isSuspicious = (line: string): boolean =>
  /unhandled|uncaught|panic|segmentation|TypeError|ReferenceError/i.test(line);

/** Reads what a program with a JSON log wrote. */
export const readLog = (text: string): Log => {
  const entries: LogEntry[] = [];
  const faults: string[] = [];
  for (const line of text.split("\n")) {
    if (isSuspicious(line)) faults.push(`the log has: ${line.slice(0, 300)}`);
    if (!line.startsWith("{")) continue;
    try {
      entries.push(JSON.parse(line) as LogEntry);
    } catch {
      faults.push(`a broken line in the log: ${line.slice(0, 120)}`);
    }
  }
  const calls = entries.filter(({ message }) => message === "call");
  return { callsById: Map.groupBy(calls, ({ id }) => String(id)), faults };
};

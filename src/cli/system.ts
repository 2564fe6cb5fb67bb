/** Where text is written to. */
export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width in cells; only of a terminal. */
  readonly columns: number;
}

/** Questions to a person; only asked where standard input and standard error are terminals. */
export interface Prompts {
  confirm(question: string): Promise<boolean>;
  /** Shows nothing of what is typed. */
  password(question: string): Promise<string>;
  choose(question: string, choices: readonly string[]): Promise<string>;
  /** Lines as they are entered, with editing and a history; ends at end of input. */
  lines(prompt: string): AsyncIterable<string>;
}

/** All that the command line needs of the process around it; replaced in tests. */
export interface CliSystem {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: {
    readonly isTerminal: boolean;
    /** All of it; empty where nothing is piped in. */
    readText(): Promise<string>;
  };
  readonly prompts: Prompts;
  fetch(request: Request): Promise<Response>;
  readFile(path: string): Promise<string>;
  readonly processId: number;
  isProcessAlive(pid: number): boolean;
  readonly runtimeVersion: string;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Calls back on Ctrl-C instead of ending the process, until cancelled. */
  onInterrupt(callback: () => void): { cancel(): void };
}

/** Whether a question can be put to a person. */
export const canAsk = ({ stdin, stderr }: CliSystem): boolean => stdin.isTerminal && stderr.isTerminal;

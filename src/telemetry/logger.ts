import { isatty } from "node:tty";
import type { Clock } from "../core/ports/clock.ts";
import { logFileTarget } from "./log-file.ts";
import { type EntryShape, formatJson, formatText, type LogFields } from "./log-format.ts";
import { bufferOutput, descriptorTarget, type LogOutput, type LogTarget } from "./log-output.ts";
import { formatTime } from "./log-time.ts";
import type { LoggingSettings, LogLevel } from "./settings.ts";

/**
 * The structured log. A message is a fixed text in our words; what varies stands in fields. Never pass a secret or
 * any part of a prompt.
 */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** An entry of a shape that comes again and again. */
  write<Value>(level: LogLevel, shape: EntryShape<Value>, value: Value): void;
  /** For callers that would otherwise collect fields in vain. */
  isEnabled(level: LogLevel): boolean;
  /** A logger that adds these fields to each entry. */
  with(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly format: "json" | "text";
  readonly clock: Pick<Clock, "wall">;
  readonly write: (line: string) => void;
  /** Asked anew for each entry, so that a reload may change it. */
  readonly level: () => LogLevel;
}

const ranks: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** A logger that gives finished lines to `write`. */
export const createLogger = (options: LoggerOptions, context: LogFields = {}): Logger => {
  const format = options.format === "json" ? formatJson : formatText;
  const hasContext = Object.keys(context).length > 0;
  const isEnabled = (level: LogLevel): boolean => ranks[level] <= ranks[options.level()];
  const log = (level: LogLevel, message: string, fields?: LogFields): void => {
    if (!isEnabled(level)) return;
    const all = fields === undefined || hasContext ? { ...context, ...fields } : fields;
    options.write(format({ time: options.clock.wall(), level, message, fields: all }));
  };
  return {
    error: (message, fields) => log("error", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    info: (message, fields) => log("info", message, fields),
    debug: (message, fields) => log("debug", message, fields),
    write(level, shape, value) {
      if (options.format !== "json" || hasContext) return log(level, shape.message, shape.fields(value));
      if (!isEnabled(level)) return;
      const time = formatTime(options.clock.wall());
      options.write(`{"time":"${time}","level":"${level}","message":"${shape.message}"${shape.json(value)}}`);
    },
    isEnabled,
    with: (fields) => createLogger(options, { ...context, ...fields }),
  };
};

/** A logger and the output behind it. */
export interface OpenLog {
  readonly logger: Logger;
  setLevel(level: LogLevel): void;
  flush(): Promise<void>;
  /** Writes what is left and lets go of the file. */
  close(): Promise<void>;
}

export interface OpenLogOptions {
  readonly settings: LoggingSettings;
  readonly clock: Pick<Clock, "wall">;
  /** Takes the place of standard output or the file. */
  readonly target?: LogTarget;
  /** Whether standard output is a terminal. */
  readonly isTerminal?: boolean;
  /** Told when the log cannot be written; by default this is said on standard error. */
  readonly onFailure?: (error: unknown) => void;
}

const targetFor = ({ settings, clock }: OpenLogOptions): LogTarget => {
  if (settings.file === undefined) return descriptorTarget(1);
  const { path, maxMegabytes, keep } = settings.file;
  return logFileTarget({ path, maxBytes: maxMegabytes * 1024 * 1024, keep, clock });
};

const sayOnStandardError = (error: unknown): void => {
  const code = (error as { readonly code?: unknown } | null)?.code;
  // Nobody reads a pipe that was closed at the other end, and that is no fault of ours.
  if (code !== "EPIPE") process.stderr.write(`The log cannot be written (${String(code ?? error)}).\n`);
};

/** Opens the log that the configuration asks for. What is held is written when the process ends, also without `close`. */
export const openLog = (options: OpenLogOptions): OpenLog => {
  const { settings, clock, onFailure = sayOnStandardError } = options;
  const isTerminal = options.isTerminal ?? (settings.file === undefined && isatty(1));
  let level = settings.level;
  const format = settings.format ?? (isTerminal ? "text" : "json");
  const output: LogOutput = bufferOutput({
    target: options.target ?? targetFor(options),
    onFailure,
    describeLoss: (lines) =>
      (format === "json" ? formatJson : formatText)({
        time: clock.wall(),
        level: "warn",
        message: "Log lines were lost: the output did not take them.",
        fields: { lines },
      }),
  });
  process.on("exit", output.flushNow);
  return {
    logger: createLogger({ format, clock, write: output.write, level: () => level }),
    setLevel: (next) => {
      level = next;
    },
    flush: output.flush,
    close: async () => {
      process.off("exit", output.flushNow);
      await output.close();
    },
  };
};

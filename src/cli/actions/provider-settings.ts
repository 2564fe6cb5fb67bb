import { wrongUsage } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { canAsk } from "../system.ts";

/** The options that describe a provider. */
export interface ProviderFlags {
  readonly kind?: string;
  readonly baseUrl?: string;
  readonly keyFrom?: string;
  readonly keyStdin?: boolean;
  /** False after `--no-key`. */
  readonly key?: boolean;
  readonly priority?: string;
  readonly option?: readonly string[];
}

/** The options of the kind; undefined where none was given. Values are JSON where they read as such, else text. */
export const readKindOptions = (
  given: readonly string[] | undefined,
): Readonly<Record<string, unknown>> | undefined => {
  if (given === undefined) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const equals = text.indexOf("=");
      if (equals < 1) throw wrongUsage(`--option takes name=value; got '${text}'.`);
      const value = text.slice(equals + 1);
      try {
        return [text.slice(0, equals), JSON.parse(value) as unknown];
      } catch {
        return [text.slice(0, equals), value];
      }
    }),
  );
};

export const readPriority = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw wrongUsage(`--priority takes a whole number from 0; got '${text}'.`);
};

/**
 * The key that was given: a reference, text from standard input, null to take it away, undefined where none was given.
 * Keys are never options: those are seen by everyone on the machine.
 */
export const readProviderKey = async (
  { system, options }: CliContext,
  flags: ProviderFlags,
  whenAbsent: "ask" | "keep",
): Promise<string | null | undefined> => {
  const given = [flags.keyFrom !== undefined, flags.keyStdin === true, flags.key === false].filter(Boolean);
  if (given.length > 1) throw wrongUsage("Give only one of --key-from, --key-stdin and --no-key.");
  if (flags.key === false) return null;
  if (flags.keyFrom !== undefined) {
    if (/^(env|file):./.test(flags.keyFrom)) return flags.keyFrom;
    throw wrongUsage("--key-from takes env:NAME or file:PATH. To store a key itself, use --key-stdin.");
  }
  if (flags.keyStdin === true) {
    const text = (await system.stdin.readText()).trim();
    if (text === "") throw wrongUsage("--key-stdin was given, but standard input is empty.");
    return text;
  }
  if (whenAbsent === "keep" || options.json === true || !canAsk(system)) return undefined;
  return (await system.prompts.password("Its key (empty for none)")).trim() || undefined;
};

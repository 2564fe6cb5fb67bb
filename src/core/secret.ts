import { z } from "zod";

const mask = "[secret]";

/** A value that must not be seen. Every way of printing it gives `[secret]`; only `reveal` gives the value. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for the header or the signature that needs it, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mask;
  }
}

/** Where a secret is to be fetched from: `env:NAME` or `file:PATH`. */
export interface SecretReference {
  readonly kind: "env" | "file";
  readonly name: string;
}

/** Reads `env:NAME` and `file:PATH`; undefined where the text is the secret itself. */
export const parseSecretReference = (text: string): SecretReference | undefined => {
  const match = /^(env|file):(.*)$/s.exec(text);
  if (match === null) return undefined;
  return { kind: match[1] === "env" ? "env" : "file", name: (match[2] ?? "").trim() };
};

const wrapSecret = z.transform((value: string) => new Secret(value));

// The messages are fixed, so that no validation error can repeat what was written in a secret's place.
const expectation = "expected a secret: text, env:NAME or file:PATH";

/** What a secret must look like beyond being there; the message must not depend on it. */
export interface SecretForm {
  readonly pattern: RegExp;
  readonly error: string;
}

const anyText: SecretForm = { pattern: /^/, error: expectation };

/**
 * Schema of a configuration field that holds a secret. The input is text; the loader replaces `env:NAME` and
 * `file:PATH` before the schema is applied, and a reference that nobody replaced is refused. Gives a {@link Secret}.
 */
export const secret = ({ pattern, error }: SecretForm = anyText) =>
  z
    .string({ error: expectation })
    .refine((value) => value.trim() !== "", { error: `${expectation}; it is empty` })
    .regex(pattern, { error })
    .refine((value) => parseSecretReference(value) === undefined, {
      error: "a reference to a secret that was not resolved; only the configuration's loader resolves references",
    })
    .pipe(wrapSecret);

/** Whether a schema was made by {@link secret}, descriptions and other metadata added or not. */
export const isSecretSchema = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodPipe && schema.def.out === wrapSecret;

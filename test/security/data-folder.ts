import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Every file below a folder, by path, as text of one byte a character. */
export const filesOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, "latin1")]),
  );

/** The forms that a secret may be found in by whoever searches for it. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("base64url"),
  Buffer.from(secret).toString("hex"),
];

export interface Hit {
  readonly where: string;
  readonly secret: string;
}

/** Where secrets stand, as they are, percent-encoded, or in base64 or hexadecimal. */
export const findSecrets = (
  texts: ReadonlyMap<string, string>,
  secrets: Readonly<Record<string, string>>,
): readonly Hit[] =>
  [...texts].flatMap(([where, text]) =>
    Object.entries(secrets).flatMap(([secret, value]) =>
      formsOf(value).some((form) => text.includes(form)) ? [{ where, secret }] : [],
    ),
  );

/** The bytes that may stand in a field's name (RFC 9110 5.6.2, `token`). */
export const isTokenByte = new Uint8Array(256);
for (const letter of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  isTokenByte[letter.charCodeAt(0)] = 1;

export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const comma = 0x2c;
export const hyphen = 0x2d;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const zero = 0x30;
export const del = 0x7f;

/** Whether the bytes from `at` are this lower-case name, in any case. Names hold letters, `-` and `=`. */
export const isNamed = (bytes: Uint8Array, at: number, name: Uint8Array): boolean => {
  for (let index = 0; index < name.length; index++)
    if (((bytes[at + index] as number) | 0x20) !== (name[index] as number)) return false;
  return true;
};

export const nameBytes = (name: string): Uint8Array => Buffer.from(name, "latin1");

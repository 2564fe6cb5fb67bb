/** The bytes that may stand in a field's name (RFC 9110 5.6.2, `token`). */
export const isTokenByte = new Uint8Array(256);
for (const letter of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  isTokenByte[letter.charCodeAt(0)] = 1;

/** The bytes that may stand in a field's value and a reason phrase (RFC 9110 5.5): text, blanks, and what is not ASCII. */
export const isValueByte = new Uint8Array(256).fill(1, 0x20);
isValueByte[0x09] = 1;
isValueByte[0x7f] = 0;

export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const comma = 0x2c;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const zero = 0x30;

/** Whether the bytes from `at` are this lower-case name, in any case. Names hold letters, `-` and `=`. */
export const isNamed = (bytes: Uint8Array, at: number, name: Uint8Array): boolean => {
  for (let index = 0; index < name.length; index++)
    if (((bytes[at + index] as number) | 0x20) !== (name[index] as number)) return false;
  return true;
};

export const nameBytes = (name: string): Uint8Array => Buffer.from(name, "latin1");

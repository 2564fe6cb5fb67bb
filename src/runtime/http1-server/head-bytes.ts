/** The bytes of a name in small letters (RFC 9110 5.6.2, `token`); 0 for what cannot stand in one. */
export const lowerName = new Uint8Array(256);
for (const letter of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  lowerName[letter.charCodeAt(0)] = letter.toLowerCase().charCodeAt(0);

/** The bytes that may stand in a field's value (RFC 9110 5.5): text, blanks, and what is not ASCII. */
export const isValueByte = new Uint8Array(256).fill(1, 0x20);
isValueByte[0x09] = 1;
isValueByte[0x7f] = 0;

/** What may stand in a request's target: visible ASCII, and no fragment. */
export const isTargetByte = new Uint8Array(256).fill(1, 0x21, 0x7f);
isTargetByte["#".charCodeAt(0)] = 0;

export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const comma = 0x2c;
export const zero = 0x30;
export const colon = 0x3a;
export const semicolon = 0x3b;

export const isDigit = (byte: number): boolean => byte >= zero && byte <= zero + 9;

/** Whether the bytes from `at` are this lower-case word, in any case. Words hold letters, digits and `-`. */
export const isNamed = (bytes: Uint8Array, at: number, word: Uint8Array): boolean => {
  for (let index = 0; index < word.length; index++)
    if (((bytes[at + index] as number) | 0x20) !== (word[index] as number)) return false;
  return true;
};

export const wordBytes = (word: string): Uint8Array => Buffer.from(word, "latin1");

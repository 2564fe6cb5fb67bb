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
export const hyphen = 0x2d;
export const zero = 0x30;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const del = 0x7f;

export const isDigit = (byte: number): boolean => byte >= zero && byte <= zero + 9;

/** Whether the bytes from `at` are this lower-case word, in any case. Words hold letters, digits, `-` and `=`. */
export const isNamed = (bytes: Uint8Array, at: number, word: Uint8Array): boolean => {
  for (let index = 0; index < word.length; index++)
    if (((bytes[at + index] as number) | 0x20) !== (word[index] as number)) return false;
  return true;
};

export const wordBytes = (word: string): Uint8Array => Buffer.from(word, "latin1");

/** Digits of a length: more bytes than anyone sends, and still a whole number. */
const maxLengthDigits = 15;

/** The value of a Content-Length field; undefined where it is anything but digits, or too many of them. */
export const readLength = (bytes: Uint8Array, start: number, end: number): number | undefined => {
  if (start === end || end - start > maxLengthDigits) return undefined;
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (!isDigit(byte)) return undefined;
    length = length * 10 + (byte - zero);
  }
  return length;
};

/** Whether a Connection field's value, a list, has this option. */
export const hasOption = (value: { bytes: Uint8Array; start: number; end: number }, option: Uint8Array): boolean => {
  const { bytes, start, end } = value;
  for (let at = start; at < end; ) {
    while (at < end && (bytes[at] === comma || bytes[at] === space || bytes[at] === tab)) at += 1;
    const first = at;
    while (at < end && bytes[at] !== comma && bytes[at] !== space && bytes[at] !== tab) at += 1;
    if (at - first === option.length && isNamed(bytes, first, option)) return true;
  }
  return false;
};

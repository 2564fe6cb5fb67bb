/** Characters that mean the same written as themselves, so that nobody has a reason to encode them (RFC 3986, 2.3). */
const encodedPlain = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/i;

/**
 * Whether a path is written the one way in which it is meant: no empty or dotted segments, no backslash, nothing encoded
 * that needs no encoding. Whatever reads another path out of it than the table of permissions does is thus kept out.
 */
export const isOrdinaryPath = (path: string): boolean =>
  !path.includes("//") && !/\/\.{1,2}(?:\/|$)/.test(path) && !path.includes("\\") && !encodedPlain.test(path);

// The forms of keys that providers issue, bearer tokens, and passwords within URLs.
const secretLike =
  /\b(?:sk|rk|pk|gsk|xai)[-_][A-Za-z0-9_-]{12,}|\bir-[A-Za-z0-9_-]{32,}|\bAIza[A-Za-z0-9_-]{20,}|\bBearer\s+[^\s"',]{8,}|(?<=:\/\/)[^/@\s"':]*:[^/@\s"']*@/g;
const shortestSecret = 8;

/** The text with everything that looks like a key replaced: providers repeat keys in their error texts. */
export const maskSecrets = (text: string): string =>
  text.length < shortestSecret ? text : text.replace(secretLike, "[secret]");

/** Letters and digits in a row as keys and tokens have them, and words and names do not. */
const tokenLike = /(?=[A-Za-z_]*\d)(?=[\d_]*[A-Za-z])[A-Za-z0-9_]{20,}/g;
const ownId = /^(?:req|key)_/;

/** The text with every long run of letters and digits replaced, but for the program's own ids. */
export const maskTokens = (text: string): string =>
  text.replace(tokenLike, (token) => (ownId.test(token) ? token : "[…]"));

// What stands in examples and images, letters and digits only.
const placeholders =
  /^(?:changeme|changethis|replaceme|password|passw0rd|secret|mysecret|default|admin|administrator|test|testing|example|demo|dummy|placeholder|todo|none|null|undefined|empty|qwerty\w*|(?:your|my|the|some|insert)?(?:api|admin|master|secret)?(?:key|token|secret)(?:here|goeshere)?|skyour\w*|sk\w*changeme|abc123|letmein)$/;
const fewCharacters = 5;
const shortest = 8;

/** Without what people put around and between words. */
const bare = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");

const isRun = (text: string): boolean => "01234567890123456789012345678901234567890".includes(text);

/** Why a secret protects nothing, for people, in words that tell nothing of it; undefined where nothing speaks against it. */
export const weaknessOf = (secret: string): string | undefined => {
  const text = secret.trim();
  if (text === "") return "is empty";
  if (/^(?:<.*>|\$\{.*\}|\{\{.*\}\}|%.+%)$/.test(text)) return "is a place for a secret, and none was put there";
  if (placeholders.test(bare(text)) || placeholders.test(bare(text).replace(/[0-9]+$/, "")))
    return "is a word that stands in examples";
  if (isRun(bare(text)) || new Set(text).size < fewCharacters) return "has hardly any different characters";
  return text.length < shortest ? `has ${text.length} characters` : undefined;
};

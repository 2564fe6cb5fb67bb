/** What stands at a place of a token: under the whole name, which may hold dots itself, or down the names between dots. */
export const claimAt = (claims: Readonly<Record<string, unknown>>, path: string): unknown => {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
};

const longestName = 200;

/** A name that a claim holds; undefined where it holds something else, or what no name of ours could be. */
export const nameAt = (claims: Readonly<Record<string, unknown>>, path: string | undefined): string | undefined => {
  const value = path === undefined ? undefined : claimAt(claims, path);
  return typeof value === "string" && value !== "" && value.length <= longestName && !/\p{Cc}/u.test(value)
    ? value
    : undefined;
};

/** The names that a claim holds: one, a list, or none. */
export const namesAt = (claims: Readonly<Record<string, unknown>>, path: string | undefined): readonly string[] => {
  const value = path === undefined ? undefined : claimAt(claims, path);
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === "string" && one !== "");
};

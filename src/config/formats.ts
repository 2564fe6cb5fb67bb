/** File endings that are understood, in the order in which they are looked for. */
export const formats = ["toml", "yaml", "yml", "json"] as const;
export type Format = (typeof formats)[number];

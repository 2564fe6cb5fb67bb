/** What a metric shows in place of a name that it does not know, or has no room for. */
export const otherLabel = "other";

export interface BoundedLabelsOptions<Handle> {
  /** How many combinations may exist. */
  readonly limit: number;
  /** Positions of the labels that take names; the others are enumerations. */
  readonly names: readonly number[];
  readonly create: (labels: readonly string[]) => Handle;
}

/**
 * Gives the handle for a combination of labels, the same one each time. Beyond the limit the names become `other`, so
 * that a metric never has more combinations than the limit and the enumerations allow.
 */
export const boundLabels = <Handle>({ limit, names, create }: BoundedLabelsOptions<Handle>) => {
  const handles = new Map<string, Handle>();
  const make = (key: string, labels: readonly string[]): Handle => {
    const handle = create(labels);
    handles.set(key, handle);
    return handle;
  };
  return (...labels: readonly string[]): Handle => {
    const key = labels.join("\n");
    const known = handles.get(key);
    if (known !== undefined) return known;
    if (handles.size < limit) return make(key, labels);
    const folded = labels.map((label, index) => (names.includes(index) ? otherLabel : label));
    const foldedKey = folded.join("\n");
    return handles.get(foldedKey) ?? make(foldedKey, folded);
  };
};

/**
 * What belongs to a row of labels, such as a call's operation, route, model and outcome. Found label by label: to join
 * them into one key first would cost a new text on every call.
 */
export class LabelTree<Value> {
  readonly #branches = new Map<string, LabelTree<Value>>();
  /** What belongs to the labels that lead here. */
  value: Value | undefined;

  /** As `at`, where something belongs there. */
  find(label: string): LabelTree<Value> | undefined {
    return this.#branches.get(label);
  }

  at(label: string): LabelTree<Value> {
    const known = this.#branches.get(label);
    if (known !== undefined) return known;
    const made = new LabelTree<Value>();
    this.#branches.set(label, made);
    return made;
  }
}

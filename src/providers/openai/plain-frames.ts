const contentKey = /"content":\s*"/g;
/** A JSON string's inside that stands for itself: no escape, no quote, no control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these.
const literal = /^[^"\\\u0000-\u001f]+$/;

/**
 * Nearly all frames of a stream differ in their text alone. Once one of them was parsed, the next is known by what
 * stands around the text: the same characters with another plain string between them are the same JSON with another
 * string. On any difference there is no answer, and the frame is to be parsed.
 */
export class PlainFrames {
  #before = "";
  #after = "";

  /** Takes a frame's data as the form of those to come: a JSON object whose only `content` is this text. */
  learn(data: string, text: string): void {
    this.#before = "";
    if (!literal.test(text)) return;
    contentKey.lastIndex = 0;
    // Within a string the key's quotes would be escaped, so what is found is a key.
    if (!contentKey.test(data)) return;
    const start = contentKey.lastIndex;
    const end = start + text.length;
    if (contentKey.test(data) || !data.startsWith(text, start) || data[end] !== '"') return;
    this.#before = data.slice(0, start);
    this.#after = data.slice(end);
  }

  /** The text of a frame in the learned form; undefined of any other. */
  read(data: string): string | undefined {
    const before = this.#before;
    if (before === "") return undefined;
    const end = data.length - this.#after.length;
    if (end <= before.length || !data.startsWith(before) || !data.endsWith(this.#after)) return undefined;
    const text = data.slice(before.length, end);
    return literal.test(text) ? text : undefined;
  }
}

import type { SecretBox } from "../../core/ports/secret-box.ts";

/** For tests: a box that shows where a text was closed, and opens it there only; `keys` are its master keys, newest first. */
export const openFakeBox = (keys: string[] = ["k1"]): SecretBox => {
  const parse = (closed: string) => {
    const [, key = "", place = "", text = ""] = /^closed:(\w+):(\S+):(\S*)$/.exec(closed) ?? [];
    if (!keys.includes(key)) throw new Error(`no such key: ${key}`);
    return { place, text: Buffer.from(text, "hex").toString() };
  };
  const placeText = (place: object): string => Buffer.from(JSON.stringify(place)).toString("hex");
  const close: SecretBox["close"] = (text, place) =>
    `closed:${keys[0]}:${placeText(place)}:${Buffer.from(text).toString("hex")}`;
  const open: SecretBox["open"] = (closed, place) => {
    const found = parse(closed);
    if (found.place !== placeText(place)) throw new Error("it belongs elsewhere");
    return found.text;
  };
  return {
    close,
    open,
    move: (closed, place) => close(open(closed, place), place),
    masterKeyOf: (text) => /^closed:(\w+):/.exec(text)?.[1],
    newest: () => keys[0],
    knows: (key) => keys.includes(key),
  };
};

import type { SeededRandom } from "../support/seeded-random.ts";

/** JSON as it is written: keys may stand twice, and a scalar is any text at all. */
export type Tree =
  | { readonly kind: "object"; entries: [string, Tree][] }
  | { readonly kind: "array"; items: Tree[] }
  | { readonly kind: "scalar"; text: string };

const scalar = (value: unknown): Tree => ({ kind: "scalar", text: JSON.stringify(value) });

export const treeOf = (value: unknown): Tree => {
  if (Array.isArray(value)) return { kind: "array", items: value.map(treeOf) };
  if (typeof value !== "object" || value === null) return scalar(value);
  return { kind: "object", entries: Object.entries(value).map(([key, inner]) => [key, treeOf(inner)]) };
};

export const writeTree = (tree: Tree): string => {
  if (tree.kind === "scalar") return tree.text;
  if (tree.kind === "array") return `[${tree.items.map(writeTree).join(",")}]`;
  return `{${tree.entries.map(([key, inner]) => `${JSON.stringify(key)}:${writeTree(inner)}`).join(",")}}`;
};

/** Where a value stands: it can be replaced there, left out, or doubled. */
interface Place {
  readonly value: Tree;
  readonly isKeyed: boolean;
  replace(value: Tree): void;
  remove(): void;
  double(times: number): void;
  rename(key: string): void;
}

const placesIn = (tree: Tree, places: Place[] = []): Place[] => {
  if (tree.kind === "object")
    for (const entry of tree.entries) {
      const at = (): number => tree.entries.indexOf(entry);
      places.push({
        value: entry[1],
        isKeyed: true,
        replace: (value) => {
          entry[1] = value;
        },
        remove: () => void tree.entries.splice(at(), 1),
        double: () => void tree.entries.push([entry[0], structuredClone(entry[1])]),
        rename: (key) => {
          entry[0] = key;
        },
      });
      placesIn(entry[1], places);
    }
  if (tree.kind === "array")
    for (const item of tree.items) {
      const at = (): number => tree.items.indexOf(item);
      places.push({
        value: item,
        isKeyed: false,
        replace: (value) => void tree.items.splice(at(), 1, value),
        remove: () => void tree.items.splice(at(), 1),
        double: (times) => void tree.items.push(...Array.from({ length: times }, () => structuredClone(item))),
        rename: () => undefined,
      });
      placesIn(item, places);
    }
  return places;
};

const oddScalars = [
  ...["null", "true", "false", "0", "-0", "1", "-1", "0.5", "1e999", "-1e999", "1e-999", "9007199254740993", "1E+2"],
  ...["4294967296", "2147483648", "18446744073709551616", "2", "5", "20", "128", "129", "1e21", "01", "NaN"],
  ...['""', '" "', '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u2028"', '"\\ufeff"', '"é€𝄞"', '"\\x"', '"\n"'],
  ...['"__proto__"', '"constructor"', '"toString"', '"length"', '"text"', '"function"', '"image_url"', '"tool"'],
  ...[
    '"data:image/png;base64,AAAA"',
    '"data:;base64"',
    '"https://example.com/a.png"',
    '"file:///etc/passwd"',
    '"auto"',
  ],
  ...[
    '"{}"',
    '"{\\"a\\":1}"',
    '"{"',
    '"[]"',
    '"assistant"',
    '"system"',
    '"developer"',
    '"user"',
    '"opaque"',
    '"base64"',
  ],
  ...["[]", "{}", "[[]]", "[{}]", "[null]", '{"type":"text"}', '{"type":"text","text":"a"}', '{"type":"object"}'],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"toString":1}',
    '{"length":-1}',
  ],
];

const oddKeys = [
  ..."role content type text name id index model messages tools tool_calls function arguments input source data".split(
    " ",
  ),
  ..."delta choices message error usage finish_reason stop_reason candidates parts functionCall done embedding".split(
    " ",
  ),
  ..."cache_control signature thinking stream n stop metadata extra refusal annotations audio reasoning_content".split(
    " ",
  ),
  ..."constructor toString hasOwnProperty valueOf then length prototype".split(" "),
  "",
];

const nested = (value: Tree, depth: number, kind: "object" | "array"): Tree => {
  let tree = value;
  for (let level = 0; level < depth; level++)
    tree = kind === "array" ? { kind, items: [tree] } : { kind, entries: [["a", tree]] };
  return tree;
};

const oddScalar = (random: SeededRandom): Tree => {
  const roll = random.next();
  if (roll < 0.03)
    return scalar(random.pick(["a", "é", "𝄞", "\u0000", "{", '"', "\\"]).repeat(random.between(100, 20_000)));
  if (roll < 0.1) return scalar(String.fromCharCode(...Array.from({ length: 8 }, () => random.between(0, 0xffff))));
  return { kind: "scalar", text: random.pick(oddScalars) };
};

const depths = [1, 1, 1, 2, 2, 3, 10, 55, 60, 64, 500];

type Damage = (place: Place, random: SeededRandom, places: readonly Place[]) => void;

const replaceOddly: Damage = (place, random) => place.replace(oddScalar(random));

/** One of these is drawn; what stands three times is drawn more often. */
const damages: readonly Damage[] = [
  (place) => place.remove(),
  replaceOddly,
  replaceOddly,
  replaceOddly,
  (place, random) => {
    // An object's key that stands twice ends the reading, so it is tried less often.
    if (place.isKeyed && random.next() < 0.8) place.remove();
    else place.double(random.next() < 0.9 ? 1 : random.between(2, 60));
  },
  (place, random) => place.rename(random.pick(oddKeys)),
  (place, random, places) => place.replace(structuredClone(random.pick(places).value)),
  (place, random) => place.replace(nested(place.value, random.pick(depths), random.pick(["object", "array"]))),
];

const damageOnce = (tree: Tree, random: SeededRandom): void => {
  const places = placesIn(tree);
  if (places.length > 0) random.pick(damages)(random.pick(places), random, places);
};

/** Damages a tree in place, a few times: fields left out, doubled, renamed, retyped, nested, moved. */
export const damageTree = (tree: Tree, random: SeededRandom): void => {
  for (let times = random.pick([1, 1, 1, 2, 2, 3, 5]); times > 0; times--) damageOnce(tree, random);
};

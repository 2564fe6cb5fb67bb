/** What a model's name tells, however its provider writes it. */
export interface ModelName {
  /** The first word that is no mark, number or noise: `gpt`, `claude`, `llama`. Empty where there is none. */
  readonly family: string;
  /** Further words, in order of the alphabet: what makes it another line of models (`coder`, `nemotron`). */
  readonly line: string;
  /** Words for its size within the family: `mini`, `sonnet`, `large`. */
  readonly marks: string;
  /** 4.05 stands for `4o`: between 4 and 4.1. */
  readonly version?: number;
  /** Billions of parameters; of a mixture all of them. */
  readonly billions?: number;
  /** The snapshot, as its digits: `20240806`, `2407`, `1106`. */
  readonly snapshot?: string;
}

/** Longer names are cut: none that a provider lists comes near. */
const longestName = 200;

const marks = new Set(
  "nano micro mini lite small tiny medium large xl big ultra pro max plus flash haiku sonnet opus core premier turbo".split(
    " ",
  ),
);

/** Says how a model is served, packed or called, and not which it is. */
const noise = new Set(
  "instruct it chat latest preview exp experimental beta free hf gguf ggml awq gptq mlx fp8 fp16 bf16 int4 int8 4bit 8bit versatile instant hosted tput maas meta the model original base online text open".split(
    " ",
  ),
);

/** Words behind which a dot parts a provider or region from the name, as Bedrock writes it. */
const dottedPrefix = /^(?:[a-z-]+\.)+(?=[a-z])/;
/** How weights are packed, at the end of a name: `q4_K_M`. */
const packing = /[-:_.]i?q\d(?:[_a-z\d]*)$/;
const wordWithVersion = /^([a-z]{2,})(\d{1,2}(?:\.\d{1,2})?)$/;
const size = /^(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,2})?)(b|m|t)$/;
const activeSize = /^a\d{1,3}(?:\.\d)?b$/;
const versionNumber = /^v?(\d{1,2})(?:\.(\d{1,2}))?$/;
const letteredVersion = /^(\d)o$/;
const snapshotDigits = /^(?:20\d{6}|\d{4}|00\d)$/;

const billionsOf = ([, experts, digits, unit]: RegExpExecArray): number => {
  const scale = unit === "b" ? 1 : unit === "m" ? 0.001 : 1_000;
  return Number(experts ?? 1) * Number(digits) * scale;
};

/** The last part of a path, in small letters, with its words parted by `-`. */
const wordsOf = (name: string): readonly string[] => {
  const plain = name.slice(0, longestName).normalize("NFKC").toLowerCase().trim().replace(/\/+$/, "");
  const last = plain.slice(plain.lastIndexOf("/") + 1);
  return (
    last
      .replace(dottedPrefix, "")
      .replace(packing, "")
      .replace(/^chatgpt/, "gpt")
      .replace(/(\d)p(\d)/g, "$1.$2")
      .replace(/^gpt-35\b/, "gpt-3.5")
      // The previews of what became gpt-4-turbo.
      .replace(/^gpt-4-(?=1106|0125)/, "gpt-4-turbo-")
      .replace(/-v\d+:\d+$/, "")
      .replace(/\b(20\d\d)-(\d\d)-(\d\d)\b/, "$1$2$3")
      .split(/[^a-z0-9.]+/)
      .map((word) => word.replace(/^\.+|\.+$/g, ""))
      .filter((word) => word !== "")
  );
};

/**
 * Reads a model's name as providers write it: with a path or a region before it, a tag or a packing behind it, versions
 * with points, dashes or `p`. What cannot be read has an empty family. Takes any text, in time proportional to 200
 * characters at most.
 */
export const readModelName = (name: string): ModelName => {
  const words: string[] = [];
  const sizeMarks: string[] = [];
  const numbers: string[] = [];
  let version: number | undefined;
  let billions: number | undefined;
  let snapshot: string | undefined;
  for (const raw of wordsOf(name)) {
    const [, lead, digits] = wordWithVersion.exec(raw) ?? [];
    const sized = size.exec(raw);
    if (noise.has(raw) || activeSize.test(raw)) continue;
    if (sized !== null && (words.length > 0 || numbers.length > 0)) billions ??= billionsOf(sized);
    else if (snapshotDigits.test(raw)) snapshot ??= raw;
    else if (versionNumber.test(raw) && words.length > 0) numbers.push(raw.replace(/^v/, ""));
    else if (letteredVersion.test(raw)) version ??= Number(raw[0]) + 0.05;
    else if (marks.has(raw)) sizeMarks.push(raw);
    else if (lead !== undefined && digits !== undefined && !noise.has(lead)) {
      words.push(lead);
      numbers.push(digits);
    } else words.push(raw);
  }
  const [first, second] = numbers;
  if (first !== undefined)
    version ??= Number(
      first.includes(".") || second === undefined || second.includes(".") ? first : `${first}.${second}`,
    );
  const [family = "", ...others] = words;
  // `turbo` is a packing of models whose size is stated, and a model's own mark elsewhere.
  const ownMarks = sizeMarks.filter((mark) => billions === undefined || mark !== "turbo");
  return {
    family,
    line: [...new Set(others)].sort().join(" "),
    marks: [...new Set(ownMarks)].sort().join(" "),
    ...(version === undefined ? {} : { version }),
    ...(billions === undefined ? {} : { billions }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
};

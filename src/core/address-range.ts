/** An address as a number; IPv4 within IPv6 (`::ffff:10.0.0.1`) counts as the IPv4 that it is. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** All addresses that share their first `prefix` bits. */
export interface AddressRange extends Address {
  readonly prefix: number;
}

/** Dotted decimal, each part without leading zeros, which some read as octal. */
const parseFour = (text: string): bigint | undefined => {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
};

/** Groups of one side of `::`; the last one of the address may be dotted decimal. */
const parseGroups = (text: string, place: "inner" | "last"): readonly bigint[] | undefined => {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const four = place === "last" && index === parts.length - 1 && part.includes(".") ? parseFour(part) : undefined;
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
};

const parseSix = (text: string): bigint | undefined => {
  const [head = "", tail, ...others] = text.split("::");
  const [before, after] = [parseGroups(head, tail === undefined ? "last" : "inner"), parseGroups(tail ?? "", "last")];
  if (others.length > 0 || before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
};

const mapped = 0xffffn;

/** Reads an IPv4 or IPv6 address; a zone (`%eth0`) is left out. Undefined for anything else. */
export const parseAddress = (text: string): Address | undefined => {
  if (!text.includes(":")) {
    const value = parseFour(text);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = parseSix(text.replace(/%[\w.-]{1,40}$/, ""));
  if (value === undefined) return undefined;
  return value >> 32n === mapped ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
};

/** Reads `10.0.0.0/8`, `2001:db8::/32`, or one address. Undefined for anything else, and where bits stand after the prefix. */
export const parseAddressRange = (text: string): AddressRange | undefined => {
  const [address = "", length, ...others] = text.split("/");
  const parsed = parseAddress(address);
  if (parsed === undefined || others.length > 0) return undefined;
  if (length === undefined) return { ...parsed, prefix: parsed.bits };
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  // Of IPv4 written within IPv6 the prefix counts the 96 bits before it too.
  const prefix = Number(length) - (parsed.bits === 32 && address.includes(":") ? 96 : 0);
  if (prefix < 0 || prefix > parsed.bits) return undefined;
  const hostBits = BigInt(parsed.bits - prefix);
  return (parsed.value >> hostBits) << hostBits === parsed.value ? { ...parsed, prefix } : undefined;
};

/** Whether a range holds an address, or all of another range. */
export const holds = (range: AddressRange, inner: Address & { readonly prefix?: number }): boolean => {
  if (range.bits !== inner.bits || (inner.prefix ?? inner.bits) < range.prefix) return false;
  const hostBits = BigInt(range.bits - range.prefix);
  return inner.value >> hostBits === range.value >> hostBits;
};

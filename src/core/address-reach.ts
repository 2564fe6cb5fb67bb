/**
 * Where an address leads. `metadata`: to what a cloud tells its machines, credentials among it, and to nothing else that a
 * provider could be. `private`: to this machine, its network, or a name that only these know.
 */
export type AddressReach = "public" | "private" | "metadata";

const bits = 32;
const toNumber = (address: string): number =>
  address.split(".").reduce((number, part) => number * 256 + Number(part), 0);

type Range = readonly [address: string, prefix: number, reach: AddressReach];

/** IANA's registry of special-purpose addresses (RFC 6890), and the ones of clouds' metadata. */
const ranges: readonly Range[] = [
  ["169.254.0.0", 16, "metadata"],
  ["100.100.100.200", 32, "metadata"],
  ["192.0.0.192", 32, "metadata"],
  ["168.63.129.16", 32, "metadata"],
  ["0.0.0.0", 8, "private"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "private"],
  ["127.0.0.0", 8, "private"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "private"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "private"],
  ["224.0.0.0", 3, "private"],
];

const isWithin = (address: number, [start, prefix]: Range): boolean => {
  const size = 2 ** (bits - prefix);
  return Math.floor(address / size) === Math.floor(toNumber(start) / size);
};

const reachOfFour = (address: number): AddressReach =>
  ranges.find((range) => isWithin(address, range))?.[2] ?? "public";

/** The eight groups of an IPv6 address; one that ends in an IPv4 address is taken too. */
const groupsOf = (text: string): readonly number[] => {
  const four = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const number = four === null ? 0 : toNumber(four[2] ?? "");
  const plain =
    four === null ? text : `${four[1]}${Math.floor(number / 65_536).toString(16)}:${(number % 65_536).toString(16)}`;
  const [before = "", after] = plain.split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [head, tail] = [read(before), read(after ?? "")];
  const gap = after === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<number>(Math.max(0, gap)).fill(0), ...tail];
};

const reachOfSix = (text: string): AddressReach => {
  const groups = groupsOf(text.replace(/%.*$/, ""));
  const [first = 0, second = 0] = groups;
  const four = (index: number): number => (groups[index] ?? 0) * 65_536 + (groups[index + 1] ?? 0);
  const startsWith = (...start: readonly number[]): boolean => start.every((group, index) => groups[index] === group);
  // Forms that hold an IPv4 address, which is then the one that counts: mapped, compatible, NAT64 and 6to4.
  if (startsWith(0, 0, 0, 0, 0, 0xffff) || startsWith(0x64, 0xff9b) || startsWith(0, 0, 0, 0, 0xffff, 0))
    return reachOfFour(four(6));
  if (startsWith(0x2002)) return reachOfFour(four(1));
  if (startsWith(0, 0, 0, 0, 0, 0)) return four(6) > 0xffff ? reachOfFour(four(6)) : "private";
  if (startsWith(0xfd00, 0xec2) && groups[7] === 0x254) return "metadata";
  if ((first & 0xffc0) === 0xfe80) return "metadata";
  const isLocal = (first & 0xfe00) === 0xfc00 || (first & 0xff00) === 0xff00 || (first & 0xffc0) === 0xfec0;
  return isLocal || (first === 0x2001 && second === 0xdb8) ? "private" : "public";
};

const metadataNames = /^(?:metadata|instance-data)(?:\.|$)/;
const privateEndings = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|localdomain|svc|arpa)$/;

/**
 * Where a host leads, as far as that can be told without asking anybody. `hostname` is that of a parsed URL, which has
 * written decimal, octal and short forms of IPv4 addresses as four numbers; or an address that a name was resolved to.
 */
export const reachOfHost = (hostname: string): AddressReach => {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  if (host.includes(":")) return reachOfSix(host);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return reachOfFour(toNumber(host));
  if (metadataNames.test(host)) return "metadata";
  return privateEndings.test(host) || !host.includes(".") ? "private" : "public";
};

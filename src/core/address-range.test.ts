import { describe, expect, test } from "bun:test";
import { holds, parseAddress, parseAddressRange } from "./address-range.ts";

describe("addresses", () => {
  const same: readonly (readonly [string, string])[] = [
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["::FFFF:0a01:0203", "10.1.2.3"],
    ["0:0:0:0:0:ffff:10.1.2.3", "10.1.2.3"],
    ["2001:DB8::1", "2001:0db8:0:0:0:0:0:1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["1::", "1:0:0:0:0:0:0:0"],
  ];
  test.each(same)("%s is %s", (one, other) => {
    expect(parseAddress(one)).toBeDefined();
    expect(parseAddress(one)).toEqual(parseAddress(other) as never);
  });

  test.each([
    ...["", "10.1.2", "10.1.2.3.4", "10.1.2.256", "010.1.2.3", "0x0a.1.2.3", "167838211", "10.1.2.3 ", "localhost"],
    ...[
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1::2::3",
      ":::",
      "1:2:3:4:5:6:7::8",
      "g::1",
      "::1.2.3",
      "1.2.3.4::",
      "%eth0",
    ],
  ])("%p is none", (text) => expect(parseAddress(text)).toBeUndefined());
});

describe("ranges", () => {
  const cases: readonly (readonly [range: string, address: string, isWithin: boolean])[] = [
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.0.0.1", true],
    ["::ffff:10.0.0.0/104", "10.9.9.9", true],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.3", "10.1.2.4", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "10.0.0.1", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:db8::1", "2001:db8::1", true],
  ];
  test.each(cases)("%s holds %s: %p", (range, address, isWithin) => {
    const parsed = parseAddressRange(range);
    const inner = parseAddress(address);
    if (parsed === undefined || inner === undefined) throw new Error("not read");
    expect(holds(parsed, inner)).toBe(isWithin);
  });

  test("a range holds a narrower one, and no wider", () => {
    const [wide, narrow] = [parseAddressRange("10.0.0.0/8"), parseAddressRange("10.1.0.0/16")];
    if (wide === undefined || narrow === undefined) throw new Error("not read");
    expect([holds(wide, narrow), holds(narrow, wide), holds(wide, wide)]).toEqual([true, false, true]);
  });

  test.each([
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.0.0.0/8/8",
    "::/129",
    "::1/64",
    "::ffff:10.0.0.0/8",
    "x/8",
  ])("%p is none", (text) => expect(parseAddressRange(text)).toBeUndefined());
});

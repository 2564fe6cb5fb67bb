import { describe, expect, test } from "bun:test";
import { reachOfHost } from "./address-reach.ts";

describe("the reach of an address in a URL", () => {
  const cases: readonly (readonly [url: string, reach: ReturnType<typeof reachOfHost>])[] = [
    ["https://api.openai.com/v1", "public"],
    ["https://8.8.8.8", "public"],
    ["https://[2606:4700::1111]", "public"],
    ["https://172.15.255.255", "public"],
    ["https://172.32.0.1", "public"],
    ["https://localhost.example.com", "public"],
    ["https://internal.example.com", "public"],
    ["http://127.0.0.1:8000", "private"],
    ["http://127.1", "private"],
    ["http://2130706433", "private"],
    ["http://0x7f000001", "private"],
    ["http://0x7f.1", "private"],
    ["http://0177.0.0.1", "private"],
    ["http://0", "private"],
    ["http://0.0.0.0", "private"],
    ["http://10.1.2.3", "private"],
    ["http://100.64.0.1", "private"],
    ["http://172.16.0.1", "private"],
    ["http://172.31.255.255", "private"],
    ["http://192.168.1.1", "private"],
    ["http://224.0.0.1", "private"],
    ["http://255.255.255.255", "private"],
    ["http://[::1]", "private"],
    ["http://[::]", "private"],
    ["http://[::ffff:127.0.0.1]", "private"],
    ["http://[::ffff:7f00:1]", "private"],
    ["http://[0:0:0:0:0:ffff:10.0.0.1]", "private"],
    ["http://[::127.0.0.1]", "private"],
    ["http://[64:ff9b::10.0.0.1]", "private"],
    ["http://[2002:7f00:1::]", "private"],
    ["http://[::ffff:8.8.8.8]", "public"],
    ["http://[fd12:3456::1]", "private"],
    ["http://[fc00::1]", "private"],
    ["http://[ff02::1]", "private"],
    ["http://localhost", "private"],
    ["http://LOCALHOST.", "private"],
    ["http://a.localhost", "private"],
    ["http://redis:6379", "private"],
    ["http://printer.local", "private"],
    ["http://api.default.svc", "private"],
    ["http://ⓛocalhost", "private"],
    ["http://１２７.0.0.1", "private"],
    ["http://169.254.169.254/latest", "metadata"],
    ["http://2852039166", "metadata"],
    ["http://[::ffff:169.254.169.254]", "metadata"],
    ["http://[fe80::1]", "metadata"],
    ["http://[fd00:ec2::254]", "metadata"],
    ["http://metadata.google.internal", "metadata"],
    ["http://metadata.google.internal.", "metadata"],
    ["http://100.100.100.200", "metadata"],
  ];
  test.each(cases.map((one) => [...one] as const))("%s is %s", (url, reach) => {
    expect(reachOfHost(new URL(url).hostname)).toBe(reach);
  });

  test("an address as a resolver gives it is read the same", () => {
    for (const address of ["::ffff:127.0.0.1", "fe80::1%eth0", "127.0.0.1", "fc00::2"])
      expect([address, reachOfHost(address)]).not.toEqual([address, "public"]);
  });
});

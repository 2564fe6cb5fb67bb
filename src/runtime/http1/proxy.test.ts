import { describe, expect, test } from "bun:test";
import { readProxies } from "./proxy.ts";

type Environment = Readonly<Record<string, string>>;

const chosen = (environment: Environment, url: string): string =>
  readProxies(environment)(new URL(url))?.origin ?? "none";

const both: Environment = { HTTPS_PROXY: "http://secure:1", HTTP_PROXY: "http://plain:2" };

describe("the proxy of a call", () => {
  const cases: readonly (readonly [name: string, environment: Environment, url: string, expected: string])[] = [
    ["none without the variables", {}, "https://api.test/", "none"],
    ["by the URL's scheme: https", both, "https://api.test/", "http://secure:1"],
    ["by the URL's scheme: http", both, "http://api.test/", "http://plain:2"],
    ["small letters first", { ...both, https_proxy: "http://small:3" }, "https://api.test/", "http://small:3"],
    ["without a scheme", { HTTPS_PROXY: "bare:4" }, "https://api.test/", "http://bare:4"],
    ["on port 80 unless it says", { HTTPS_PROXY: "http://bare" }, "https://api.test/", "http://bare"],
    ["an empty variable is none", { HTTPS_PROXY: " " }, "https://api.test/", "none"],
    ["never for localhost", both, "http://localhost:11434/", "none"],
    ["never for 127.0.0.1", both, "http://127.0.0.1:11434/", "none"],
    ["never for ::1", both, "http://[::1]:11434/", "none"],
    ["not where NO_PROXY has the host", { ...both, NO_PROXY: "a.test, api.test" }, "https://api.test/", "none"],
    ["not below a host of NO_PROXY", { ...both, NO_PROXY: "test" }, "https://api.test/", "none"],
    ["not below .host", { ...both, no_proxy: ".API.test" }, "https://eu.api.test/", "none"],
    ["not below *.host", { ...both, no_proxy: "*.api.test" }, "https://eu.api.test/", "none"],
    ["still for a host that only ends alike", { ...both, NO_PROXY: "pi.test" }, "https://api.test/", "http://secure:1"],
    ["not for anything with *", { ...both, NO_PROXY: "*" }, "https://api.test/", "none"],
    ["not on the port that NO_PROXY names", { ...both, NO_PROXY: "api.test:443" }, "https://api.test/", "none"],
    ["still on another port", { ...both, NO_PROXY: "api.test:444" }, "https://api.test/", "http://secure:1"],
    ["not for an address of NO_PROXY", { ...both, NO_PROXY: "10.0.0.7" }, "http://10.0.0.7:8000/", "none"],
    ["not for such an address of IPv6", { ...both, NO_PROXY: "fd00::7" }, "http://[fd00::7]:8000/", "none"],
    ["not for it in brackets", { ...both, NO_PROXY: "[fd00::7]:8000" }, "http://[fd00::7]:8000/", "none"],
  ];
  for (const [name, environment, url, expected] of cases)
    test(name, () => expect(chosen(environment, url)).toBe(expected));

  test("has credentials where its URL does", () => {
    const find = readProxies({ HTTPS_PROXY: "http://us%40er:p%3Aw@secure:1" });
    expect(find(new URL("https://api.test/"))).toEqual({
      origin: "http://secure:1",
      hostname: "secure",
      port: 1,
      authorization: `Basic ${btoa("us@er:p:w")}`,
    });
  });

  for (const value of [
    "https://user:secret@proxy:1",
    "socks5://user:secret@proxy:1",
    "http://",
    "http://a:b:c",
    "http://us%er:secret@proxy:1",
  ])
    test(`cannot be ${value}, which the message does not repeat`, () => {
      const read = (): unknown => readProxies({ HTTPS_PROXY: value });
      expect(read).toThrow(expect.objectContaining({ code: "invalid_configuration" }));
      expect(read).toThrow("The environment variable HTTPS_PROXY is not the URL of an HTTP proxy");
      expect(read).not.toThrow("secret");
    });
});

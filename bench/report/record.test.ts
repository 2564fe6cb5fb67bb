import { describe, expect, test } from "bun:test";
import { replaceBetween } from "./record.ts";

const page = "before\n<!-- bench:whole -->\nold\n<!-- /bench:whole -->\nafter\n";

describe("the page", () => {
  test("has its section replaced, and nothing else", () => {
    const once = replaceBetween(page, "whole", "new");
    expect(once).toBe("before\n<!-- bench:whole -->\nnew\n<!-- /bench:whole -->\nafter\n");
    expect(replaceBetween(once, "whole", "old")).toBe(page);
  });

  test("without the marks is refused", () => {
    expect(() => replaceBetween(page, "streamed", "new")).toThrow("<!-- bench:streamed -->");
  });
});

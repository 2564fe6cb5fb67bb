import { expect, test } from "bun:test";
import { unitDigest } from "./unit-digest.ts";

test("digests of many names are all different, and hold nothing of them", () => {
  const digests = new Set<string>();
  for (let user = 0; user < 100_000; user++) digests.add(unitDigest("e", "t", `user-${user}`));
  expect(digests.size).toBe(100_000);
  for (const digest of digests) if (!/^[0-9a-f]{16}$/.test(digest)) throw new Error(digest);
});

test("the same in every process, and others for other tenants and experiments", () => {
  const digest = unitDigest("e", "t", "ada");
  expect(unitDigest("e", "t", "ada")).toBe(digest);
  expect(new Set([digest, unitDigest("f", "t", "ada"), unitDigest("e", "s", "ada")]).size).toBe(3);
});

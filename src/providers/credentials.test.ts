import { describe, expect, test } from "bun:test";
import type { WireRequest } from "../core/ports/transport.ts";
import { bearer, keyInHeader } from "./credentials.ts";

const request: WireRequest = { method: "POST", url: "http://x", headers: { a: "1" } };

describe("credentials", () => {
  const send = async (credentials: ReturnType<typeof bearer>) => await credentials.authorize(request);
  const keyOf = ({ headers }: WireRequest) => headers["authorization"]?.slice("Bearer ".length);

  test("uses keys in turn, and sends none where there is none", async () => {
    const credentials = bearer(["one", "two"]);
    expect([keyOf(await send(credentials)), keyOf(await send(credentials)), keyOf(await send(credentials))]).toEqual([
      "one",
      "two",
      "one",
    ]);
    expect(await send(bearer([]))).toBe(request);
    expect((await send(keyInHeader("x-api-key", ["k"]))).headers).toEqual({ a: "1", "x-api-key": "k" });
  });

  test("leaves a refused key out while there is another", async () => {
    const credentials = bearer(["bad", "good"]);
    const sent = await send(credentials);
    expect(keyOf(sent)).toBe("bad");
    expect(credentials.refused?.(sent)).toBe(true);
    for (let count = 0; count < 3; count++) expect(keyOf(await send(credentials))).toBe("good");
  });

  test("tries the key again that was refused longest ago where all were", async () => {
    const credentials = bearer(["one", "two"]);
    expect(credentials.refused?.(await send(credentials))).toBe(true);
    expect(credentials.refused?.(await send(credentials))).toBe(false);
    expect(keyOf(await send(credentials))).toBe("one");
  });
});

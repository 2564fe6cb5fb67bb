import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../core/errors.ts";
import type { Frame } from "../../core/ports/provider.ts";
import { decodeCompletion } from "./decode-chat.ts";
import { readFrames, readJson } from "./fixtures/read-fixture.ts";
import { requestOf } from "./fixtures/requests.ts";
import { openChatStream } from "./stream.ts";

const request = requestOf({ stream: true });

/** A recorded value in which some parts were replaced or left out. */
const damaged = (value: unknown): fc.Arbitrary<unknown> => {
  const kept = Array.isArray(value)
    ? fc.tuple(...value.map(damaged))
    : typeof value === "object" && value !== null
      ? fc
          .tuple(...Object.entries(value).map(([key, inner]) => fc.tuple(fc.constant(key), damaged(inner))))
          .map((entries) => Object.fromEntries(entries))
      : fc.constant(value);
  return fc.oneof({ weight: 30, arbitrary: kept }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
};

/** Runs the decoder; gives its result, or undefined where it refused in the one allowed way. */
const attempt = <Result>(decode: () => Result): Result | undefined => {
  try {
    return decode();
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    return undefined;
  }
};

const damagedFrames = (frames: readonly Frame[]): fc.Arbitrary<readonly Frame[]> =>
  fc.tuple(
    ...frames.map(({ event, data }) =>
      damaged(JSON.parse(data)).map((value): Frame => ({ event, data: JSON.stringify(value) })),
    ),
  );

describe("hostile upstreams", () => {
  test("a damaged stream ends once, or is refused", () => {
    const check = (frames: readonly Frame[]) => {
      const chunks = attempt(() => {
        const decoder = openChatStream(request, "anthropic");
        return [...frames.flatMap((frame) => decoder.push(frame)), ...decoder.end()];
      });
      if (chunks === undefined) return;
      expect(chunks.filter(({ type }) => type === "start")).toHaveLength(1);
      expect(chunks.filter(({ type }) => type === "finish")).toHaveLength(1);
      expect(chunks[0]?.type).toBe("start");
    };
    for (const name of ["stream-tools-thinking.sse", "stream-server-tool.sse"])
      fc.assert(fc.property(damagedFrames(readFrames(name)), check), { numRuns: 200 });
  });

  test("a damaged answer is read, or refused", () => {
    for (const name of ["message-tools-thinking.json", "message-server-tool.json"])
      fc.assert(
        fc.property(damaged(readJson(name)), (body) => {
          const completion = attempt(() => decodeCompletion(body, request, "anthropic"));
          if (completion !== undefined) expect(completion.choices).toHaveLength(1);
        }),
        { numRuns: 300 },
      );
  });
});

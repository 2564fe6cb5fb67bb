import { describe, expect, test } from "bun:test";
import type { BodySink } from "../../core/ports/transport.ts";
import { IncomingResponse } from "./incoming-response.ts";

const open = () => {
  const asked: string[] = [];
  const response = new IncomingResponse(
    200,
    { get: () => null },
    {
      pause: () => asked.push("pause"),
      resume: () => asked.push("resume"),
      cancel: () => asked.push("cancel"),
    },
  );
  return { response, asked };
};

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (piece: Uint8Array | undefined): string => Buffer.from(piece ?? []).toString();
const large = new Uint8Array(100_000);

/** A sink that writes down what it is told, and is full after each of the pieces in `fullAfter`. */
const sinkOf = (fullAfter: readonly string[] = []): { told: string[]; sink: BodySink } => {
  const told: string[] = [];
  return {
    told,
    sink: {
      data(piece) {
        told.push(text(piece));
        return !fullAfter.includes(text(piece));
      },
      end: () => told.push("END"),
      fail: (error) => told.push(`FAIL ${error.message}`),
    },
  };
};

describe("a body that is iterated", () => {
  test("gives what came before and what comes later, then ends", async () => {
    const { response, asked } = open();
    const iterator = response.body[Symbol.asyncIterator]();
    response.push(bytes("a"));
    response.push(bytes("b"));
    expect(text((await iterator.next()).value)).toBe("a");
    expect(text((await iterator.next()).value)).toBe("b");
    const later = iterator.next();
    response.push(bytes("c"));
    expect(text((await later).value)).toBe("c");
    const last = iterator.next();
    response.end();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(asked).toEqual([]);
  });

  test("gives all that came before it was cut, and throws then", async () => {
    const { response } = open();
    response.push(bytes("a"));
    response.fail(new Error("cut"));
    const iterator = response.body[Symbol.asyncIterator]();
    expect(text((await iterator.next()).value)).toBe("a");
    await expect(iterator.next()).rejects.toThrow("cut");
    await expect(iterator.next()).rejects.toThrow("cut");
  });

  test("throws at once when the call is aborted", async () => {
    const { response } = open();
    response.push(bytes("a"));
    response.abort(new Error("enough"));
    await expect(response.body[Symbol.asyncIterator]().next()).rejects.toThrow("enough");
  });

  test("holds the connection up while much waits unread, and lets it go on", async () => {
    const { response, asked } = open();
    for (let count = 0; count < 4; count++) response.push(large);
    expect(asked).toEqual(["pause"]);
    const iterator = response.body[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count++) await iterator.next();
    expect(asked).toEqual(["pause"]);
    await iterator.next();
    expect(asked).toEqual(["pause", "resume"]);
  });

  test("that is left closes the connection, and ends whoever waits", async () => {
    const { response, asked } = open();
    const iterator = response.body[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(asked).toEqual(["cancel"]);
    response.push(bytes("late"));
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test("that is left after its end closes nothing", async () => {
    const { response, asked } = open();
    response.end();
    await response.body[Symbol.asyncIterator]().return?.();
    expect(asked).toEqual([]);
  });
});

describe("a body that is asked for whole", () => {
  test("is there when it is there", async () => {
    const { response } = open();
    response.push(bytes("ab"));
    response.end();
    expect(text(await response.whole(2))).toBe("ab");
  });

  test("is put together as it comes, without holding the connection up", async () => {
    const { response, asked } = open();
    for (let count = 0; count < 4; count++) response.push(large);
    const whole = response.whole(1_000_000);
    expect(asked).toEqual(["pause", "resume"]);
    for (let count = 0; count < 4; count++) response.push(large);
    response.end();
    expect((await whole).length).toBe(800_000);
    expect(asked).toEqual(["pause", "resume"]);
  });

  for (const when of ["before", "after"] as const)
    test(`is refused where it is longer than it may be: ${when} it is asked for`, async () => {
      const { response, asked } = open();
      if (when === "before") response.push(bytes("abc"));
      const whole = response.whole(2);
      if (when === "after") response.push(bytes("abc"));
      await expect(whole).rejects.toMatchObject({
        code: "upstream_invalid_response",
        message: "The upstream sent more than 2 bytes.",
      });
      expect(asked).toEqual(["cancel"]);
    });

  test("throws where it was cut, before or after it is asked for", async () => {
    const { response } = open();
    const whole = response.whole(10);
    response.push(bytes("a"));
    response.fail(new Error("cut"));
    await expect(whole).rejects.toThrow("cut");
    await expect(response.whole(10)).rejects.toThrow("cut");
  });
});

describe("a body that is pushed", () => {
  test("comes after the call, in order, with its end", async () => {
    const { response } = open();
    const { told, sink } = sinkOf();
    response.push(bytes("a"));
    response.consume(sink);
    response.push(bytes("b"));
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual(["a", "b"]);
    response.push(bytes("c"));
    response.end();
    expect(told).toEqual(["a", "b", "c", "END"]);
  });

  test("waits while the sink is full, and holds the connection up", async () => {
    const { response, asked } = open();
    const { told, sink } = sinkOf(["a", "c"]);
    const flow = response.consume(sink);
    await Promise.resolve();
    response.push(bytes("a"));
    expect(asked).toEqual(["pause"]);
    for (const piece of ["b", "c", "d"]) response.push(bytes(piece));
    response.end();
    expect(told).toEqual(["a"]);
    flow.resume();
    expect(told).toEqual(["a", "b", "c"]);
    flow.resume();
    expect(told).toEqual(["a", "b", "c", "d", "END"]);
  });

  test("lets the connection go on once the sink has taken all", async () => {
    const { response, asked } = open();
    const { sink } = sinkOf(["a"]);
    const flow = response.consume(sink);
    await Promise.resolve();
    response.push(bytes("a"));
    flow.resume();
    expect(asked).toEqual(["pause", "resume"]);
  });

  test("tells what came before it was cut, and then why", async () => {
    const { response } = open();
    const { told, sink } = sinkOf();
    response.push(bytes("a"));
    response.fail(new Error("cut"));
    response.consume(sink);
    await Promise.resolve();
    expect(told).toEqual(["a", "FAIL cut"]);
  });

  test("tells of an abort at once, also a sink that is full", async () => {
    const { response } = open();
    const { told, sink } = sinkOf(["a"]);
    response.consume(sink);
    await Promise.resolve();
    response.push(bytes("a"));
    response.push(bytes("b"));
    response.abort("stop");
    expect(told).toEqual(["a", "FAIL stop"]);
  });

  test("tells nothing more once it is called off, not even from within", async () => {
    const { response, asked } = open();
    const told: string[] = [];
    const flow = response.consume({
      data(piece) {
        told.push(text(piece));
        flow.cancel();
        return true;
      },
      end: () => told.push("END"),
      fail: () => told.push("FAIL"),
    });
    response.push(bytes("a"));
    response.push(bytes("b"));
    await Promise.resolve();
    response.end();
    expect(told).toEqual(["a"]);
    expect(asked).toEqual(["cancel"]);
  });
});

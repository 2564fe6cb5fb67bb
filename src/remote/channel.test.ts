import { describe, expect, test } from "bun:test";
import { GatewayError } from "../core/errors.ts";
import { type Channel, openChannel, type Wire } from "./channel.ts";

interface Here {
  note(text: string): void;
}
interface There {
  double(number: number): number;
  later(number: number): Promise<number>;
  refuse(how: "busy" | "fault"): never;
  silent(nothing: object): Promise<never>;
}

/** Two ends of one wire, which carries JSON and nothing else; `cut` ends it. */
const connect = () => {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []];
  const closings: (() => void)[] = [];
  let isCut = false;
  const wire = (own: 0 | 1): Wire => ({
    send(message) {
      if (isCut) return false;
      const text = JSON.stringify(message);
      queueMicrotask(() => {
        for (const listener of listeners[own === 0 ? 1 : 0]) listener(JSON.parse(text));
      });
      return true;
    },
    onMessage: (listener) => void listeners[own].push(listener),
    onClose: (listener) => void closings.push(listener),
  });
  const faults: [string, unknown][] = [];
  const onFault = (name: string, error: unknown): void => void faults.push([name, error]);
  return {
    here: openChannel<Here, There>({ wire: wire(0), onFault }),
    there: openChannel<There, Here>({ wire: wire(1), onFault }),
    faults,
    cut() {
      isCut = true;
      for (const closing of closings) closing();
    },
  };
};

const serve = (there: Channel<There, Here>): void =>
  there.serve({
    double: (number) => number * 2,
    later: async (number) => number + 1,
    refuse(how) {
      if (how === "fault") throw new TypeError("a secret of this process");
      throw new GatewayError("overloaded", "Too much to do.", { retryAfterMilliseconds: 20 });
    },
    silent: () => new Promise(() => undefined),
  });

describe("a channel", () => {
  test("carries questions and answers, at once or later, each to its asker", async () => {
    const { here, there } = connect();
    serve(there);
    expect(await Promise.all([here.ask("later", 1), here.ask("double", 4), here.ask("later", 7)])).toEqual([2, 8, 8]);
  });

  test("keeps what comes before it is served, in order", async () => {
    const { here, there } = connect();
    const heard: string[] = [];
    there.tell("note", "one");
    there.tell("note", "two");
    await Bun.sleep(1);
    here.serve({ note: (text) => void heard.push(text) });
    there.tell("note", "three");
    await Bun.sleep(1);
    expect(heard).toEqual(["one", "two", "three"]);
  });

  test("gives the other end's errors as they are, and of its faults no more than that there was one", async () => {
    const { here, there, faults } = connect();
    serve(there);
    await expect(here.ask("refuse", "busy")).rejects.toMatchObject({
      code: "overloaded",
      message: "Too much to do.",
      retryAfterMilliseconds: 20,
    });
    expect(faults).toEqual([]);
    await expect(here.ask("refuse", "fault")).rejects.toMatchObject({
      code: "internal_error",
      message: expect.not.stringContaining("secret"),
    });
    expect(faults).toEqual([["refuse", expect.any(TypeError)]]);
    here.tell("refuse", "fault");
    await Bun.sleep(1);
    expect(faults.length).toBe(2);
  });

  test("waits for no answer longer than it is told to", async () => {
    const { here, there } = connect();
    serve(there);
    await expect(here.ask("silent", {}, 5)).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(await here.ask("double", 1)).toBe(2);
  });

  test("that was cut rejects what waits and what comes after", async () => {
    const { here, there, cut } = connect();
    serve(there);
    const waiting = here.ask("silent", {});
    cut();
    await expect(waiting).rejects.toMatchObject({ code: "storage_unavailable" });
    await expect(here.ask("double", 1)).rejects.toMatchObject({ code: "storage_unavailable" });
    here.tell("double", 1);
  });
});

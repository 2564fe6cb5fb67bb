import { describe, expect, test } from "bun:test";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import type { Standing } from "../core/ports/health.ts";
import { Breakers } from "./breakers.ts";

const settings = {
  consecutiveFailures: 3,
  failureRatio: 0.5,
  minimumCalls: 10,
  windowMilliseconds: 1_000,
  openMilliseconds: 100,
  longestOpenMilliseconds: 400,
};

const create = () => {
  let now = 0;
  const told: Standing["kind"][] = [];
  const breakers = new Breakers({ monotonic: () => now }, settings, (_, { kind }) => told.push(kind));
  return {
    breakers,
    told,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    fail: (code: ErrorCode = "upstream_error", retryAfterMilliseconds?: number) =>
      breakers.fail(
        "t",
        new GatewayError(code, "x", retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }),
      ),
    kind: () => breakers.admit("t").kind,
  };
};

describe("Breakers", () => {
  test("failures in a row open the circuit; a success between them keeps it closed", () => {
    const { breakers, fail, kind } = create();
    for (let count = 0; count < 4; count++) {
      fail();
      fail();
      breakers.succeed("t");
    }
    expect(kind()).toBe("closed");
    for (let count = 0; count < 3; count++) fail();
    expect(kind()).toBe("open");
    expect(breakers.openTargets()).toEqual(["t"]);
  });

  test("one probe at a time finds out; its success closes, its failure opens for twice as long", () => {
    const { breakers, fail, kind, wait } = create();
    for (let count = 0; count < 3; count++) fail();
    wait(100);
    expect([kind(), kind(), kind()]).toEqual(["probe", "open", "open"]);
    fail();
    wait(150);
    expect(kind()).toBe("open");
    wait(50);
    expect(kind()).toBe("probe");
    breakers.succeed("t");
    expect([kind(), kind()]).toEqual(["closed", "closed"]);
  });

  test("a probe whose client left is given to the next call", () => {
    const { breakers, fail, kind, wait } = create();
    for (let count = 0; count < 3; count++) fail();
    wait(100);
    expect(kind()).toBe("probe");
    breakers.release("t");
    expect(kind()).toBe("probe");
  });

  test("a share of failures opens it too, once there were enough calls", () => {
    const { breakers, fail, kind } = create();
    for (let count = 0; count < 5; count++) {
      breakers.succeed("t");
      fail();
    }
    // The first success came before anything was known, so that nine calls were counted.
    expect(kind()).toBe("closed");
    breakers.succeed("t");
    fail();
    expect(kind()).toBe("open");
  });

  const innocent: readonly ErrorCode[] = [
    "upstream_rejected_request",
    "context_length_exceeded",
    "model_not_found",
    "content_policy_violation",
  ];
  for (const code of innocent)
    test(`${code} says nothing of the target`, () => {
      const { fail, kind } = create();
      for (let count = 0; count < 20; count++) fail(code);
      expect(kind()).toBe("closed");
    });

  test("a pause that was asked for is kept, then the target is asked as before", () => {
    const { breakers, fail, kind, wait } = create();
    fail("rate_limit_exceeded", 250);
    expect(breakers.look("t")).toMatchObject({ kind: "cooling", waitMilliseconds: 250 });
    wait(249);
    expect(kind()).toBe("cooling");
    wait(1);
    expect(kind()).toBe("closed");
    breakers.coolDown("t", 50);
    expect(kind()).toBe("cooling");
  });

  test("a longer pause than usual is kept by an open circuit as well, within bounds", () => {
    const { fail, kind, wait } = create();
    fail();
    fail();
    fail("upstream_overloaded", 1_000_000);
    wait(399);
    expect(kind()).toBe("open");
    wait(1);
    expect(kind()).toBe("probe");
  });

  test("a probe that succeeds keeps the pause that was asked for meanwhile", () => {
    const { breakers, fail, kind, wait } = create();
    for (let count = 0; count < 3; count++) fail();
    wait(100);
    expect(kind()).toBe("probe");
    breakers.coolDown("t", 50);
    breakers.succeed("t");
    expect(kind()).toBe("cooling");
    wait(50);
    expect([kind(), kind()]).toEqual(["closed", "closed"]);
  });

  test("every change of a target's standing is told once, and it is clean again once its failures are old", () => {
    const { breakers, told, fail, kind, wait } = create();
    breakers.succeed("t");
    expect([breakers.standing("t").kind, ...told]).toEqual(["clean"]);
    fail();
    fail();
    expect(told.splice(0)).toEqual(["watched"]);
    breakers.succeed("t");
    wait(1_001);
    expect(kind()).toBe("closed");
    expect(told.splice(0)).toEqual(["clean"]);
    for (let count = 0; count < 3; count++) fail();
    expect(told.splice(0)).toEqual(["watched", "resting"]);
    expect(breakers.standings()).toEqual([["t", breakers.standing("t")]]);
    wait(100);
    expect([kind(), kind()]).toEqual(["probe", "open"]);
    breakers.release("t");
    expect([kind(), ...told.splice(0)]).toEqual(["probe", "resting", "resting", "resting"]);
    breakers.succeed("t");
    expect(told.splice(0)).toEqual(["clean"]);
    expect(breakers.standings()).toEqual([]);
  });

  test("a pause counts from when it was asked for", () => {
    const { breakers, kind, wait } = create();
    breakers.fail("t", new GatewayError("rate_limit_exceeded", "x", { retryAfterMilliseconds: 250 }), 100);
    wait(149);
    expect(kind()).toBe("cooling");
    wait(1);
    expect(kind()).toBe("closed");
    breakers.coolDown("t", 50, 30);
    expect(breakers.look("t")).toMatchObject({ kind: "cooling", waitMilliseconds: 20 });
  });

  test("a pause that is over leaves nothing behind", () => {
    const { breakers, told, fail, wait } = create();
    fail("rate_limit_exceeded", 50);
    expect(breakers.standing("t")).toMatchObject({ kind: "resting", admission: { kind: "cooling" } });
    wait(50);
    expect(breakers.look("t").kind).toBe("closed");
    expect([breakers.standings(), told]).toEqual([[], ["resting", "clean"]]);
  });
});

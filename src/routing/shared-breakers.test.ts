import { expect, test } from "bun:test";
import { defaultBreakerSettings } from "./breakers.ts";
import { SharedBreakers } from "./shared-breakers.ts";

const failure = { code: "upstream_error", retryAfterMilliseconds: undefined } as const;

const create = () => {
  let now = 0;
  const told: string[] = [];
  const breakers = new SharedBreakers<object>(
    { monotonic: () => now },
    (target, { kind }) => told.push(`${target} ${kind}`),
    { ...defaultBreakerSettings, consecutiveFailures: 2, openMilliseconds: 100 },
  );
  const open = (): void => {
    breakers.fail("t", failure, 0);
    breakers.fail("t", failure, 0);
    now += 100;
  };
  return { breakers, told, open };
};

const [one, other] = [{}, {}];

test("askers share a circuit, and one of them has the probe", () => {
  const { breakers, told, open } = create();
  open();
  expect([breakers.admit(one, "t").kind, breakers.admit(other, "t").kind, breakers.look("t").kind]).toEqual([
    "probe",
    "open",
    "open",
  ]);
  breakers.succeed("t");
  expect(breakers.admit(other, "t").kind).toBe("closed");
  expect(told).toEqual(["t watched", "t resting", "t resting", "t clean"]);
});

test("the probe of an asker that is gone is the next one's; another's stays", () => {
  const { breakers, open } = create();
  open();
  breakers.admit(one, "t");
  breakers.release(other, "t");
  breakers.leave(other);
  expect(breakers.admit(other, "t").kind).toBe("open");
  breakers.leave(one);
  expect(breakers.admit(other, "t").kind).toBe("probe");
  breakers.leave(one);
  expect(breakers.admit(one, "t").kind).toBe("open");
});

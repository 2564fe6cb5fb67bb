import { describe, expect, test } from "bun:test";
import { Deadline } from "./deadline.ts";

const openDeadline = (totalMilliseconds = 10_000) => {
  const reasons: unknown[] = [];
  const clock = { monotonic: () => performance.now() };
  const controller = { abort: (reason: unknown) => reasons.push(reason) };
  return { reasons, deadline: new Deadline({ controller, provider: "p", clock, totalMilliseconds }) };
};

describe("Deadline", () => {
  test("aborts what does not come in time, and says what that was", async () => {
    const { reasons, deadline } = openDeadline();
    deadline.expect("headers", 5);
    await Bun.sleep(30);
    deadline.stop();
    expect(reasons).toMatchObject([{ code: "upstream_timeout", message: "Provider 'p' sent no headers within 5 ms." }]);
  });

  test("once stopped, waits for nothing, whatever is expected after that", async () => {
    const { reasons, deadline } = openDeadline(20);
    deadline.expect("headers", 5);
    deadline.stop();
    deadline.expect("further token", 5);
    await Bun.sleep(40);
    expect(reasons).toEqual([]);
  });
});
